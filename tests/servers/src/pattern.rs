//! Bytes that differ from their neighbours near and far, so that a lost, repeated or moved piece is noticed.

use std::sync::LazyLock;

use bytes::Bytes;

const PERIOD: u64 = 251 * 256;

static TABLE: LazyLock<Bytes> = LazyLock::new(|| (0..PERIOD).map(|i| (i * 31 + i / 251) as u8).collect());

/// `len` bytes of the pattern from `offset` on: byte `i` is `(i * 31 + i / 251) & 0xff`.
pub fn pattern(offset: u64, len: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(len);
    pieces(offset, len as u64).for_each(|piece| bytes.extend_from_slice(&piece));
    bytes
}

/// The same bytes in pieces that share one table.
pub(crate) fn pieces(offset: u64, len: u64) -> impl Iterator<Item = Bytes> + Send {
    let end = offset + len;
    let mut next = offset;
    std::iter::from_fn(move || {
        let start = next % PERIOD;
        let size = (PERIOD - start).min(end - next);
        next += size;
        (size > 0).then(|| TABLE.slice(start as usize..(start + size) as usize))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pattern_is_the_same_from_every_offset() {
        let whole = pattern(0, 200_000);
        assert_eq!(whole[70_000], (70_000 * 31 + 70_000 / 251) as u8);
        assert_eq!(pattern(64_255, 1000), whole[64_255..65_255]);
        assert_ne!(whole[..64_000], whole[64_000..128_000]);
    }
}
