//! An RTSP server.

use std::io::Write;

use crate::raw::{RawServer, read_request};

/// The packets that come before the answer to PLAY: a dollar sign, the channel, the length in two bytes, and the content.
pub const RTP_PACKETS: [&[u8]; 2] = [b"$\x00\x00\x05hello", b"$\x01\x00\x04rtcp"];

/// Answers every request, and PLAY after [`RTP_PACKETS`]. Its URLs are those of [`RawServer::url`] with the scheme rtsp.
pub fn rtsp() -> RawServer {
    RawServer::start(|mut stream, _| {
        while let Some(request) = read_request(stream)? {
            let number = request.head.lines().find_map(|line| line.strip_prefix("CSeq: ")).unwrap_or("0");
            if request.head.starts_with("PLAY") {
                RTP_PACKETS.iter().try_for_each(|packet| stream.write_all(packet))?;
            }
            write!(
                stream,
                "RTSP/1.0 200 OK\r\nCSeq: {number}\r\nSession: 12345\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n\r\n"
            )?;
        }
        Ok(())
    })
}
