//! The options and infos that this library knows by name. build.rs makes them, and the enumerators of the C header, from
//! options.in, infos.in and multi_options.in.

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

pub fn option(number: i32) -> Option<&'static Row> {
    let row = OPTION_ROWS.get(usize::try_from(number % 10_000).ok()?)?;
    OPTIONS.get(usize::from(*row)).filter(|row| row.number == number)
}

/// For names and sentences: getting an info needs no row, as its number says its type.
pub fn info(number: i32) -> Option<&'static Row> {
    INFOS.iter().find(|row| row.number == number && !row.alias)
}

pub fn multi_option(number: i32) -> Option<&'static Row> {
    MULTI_OPTIONS.iter().find(|row| row.number == number)
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
