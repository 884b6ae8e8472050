//! The options and infos that this library knows by name. build.rs makes them, and the enumerators of the C header, from
//! options.in and infos.in.

use std::ffi::CStr;

/// How libcurl's own table of options types them; the last five are for infos.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Long,
    Values,
    Offt,
    Object,
    String,
    Slist,
    Cbptr,
    Blob,
    Function,
    Double,
    Certinfo,
    Ptr,
    Socket,
}

pub struct Row {
    pub name: &'static CStr,
    pub number: i32,
    pub kind: Kind,
    /// The libcurl version that brought it.
    pub since: &'static str,
    /// Another name of a row with the same number.
    pub alias: bool,
}

const NO_ROW: u16 = u16::MAX;

include!(concat!(env!("OUT_DIR"), "/tables.rs"));

fn by_ordinal(table: &'static [Row], index: &[u16], ordinal: i32, number: i32) -> Option<&'static Row> {
    let row = index.get(usize::try_from(ordinal).ok()?)?;
    table.get(usize::from(*row)).filter(|row| row.number == number)
}

pub fn option(number: i32) -> Option<&'static Row> {
    by_ordinal(&OPTIONS, &OPTIONS_BY_ORDINAL, number % 10_000, number)
}

pub fn info(number: i32) -> Option<&'static Row> {
    by_ordinal(&INFOS, &INFOS_BY_ORDINAL, number & 0xf_ffff, number)
}

/// Looks `name` up, with or without libcurl's prefix, in any case.
pub fn by_name(table: &'static [Row], prefix: &[u8], name: &CStr) -> Option<&'static Row> {
    let name = name.to_bytes();
    let name = match name.get(..prefix.len()) {
        Some(start) if start.eq_ignore_ascii_case(prefix) => &name[prefix.len()..],
        _ => name,
    };
    table.iter().find(|row| row.name.to_bytes().eq_ignore_ascii_case(name))
}
