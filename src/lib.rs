//! curlback: libcurl's callbacks as a typed C interface that is simple and safe to bind from any language.
//!
//! | | |
//! |---|---|
//! | [`boundary`] | entering and leaving: panics, NULL, the last error |
//! | [`result`] | numbers, names, texts |
//! | [`access`] | who may call what |
//! | [`registry`] | handles |
//! | [`slot`] | function, user data, drop |
//! | [`library`] | versions, features, initialisation |
//! | [`libcurl`] | what curl-sys lacks; versions; the tables of options and infos |
//! | [`easy`] | life, options, infos, destinations, sources, perform, raw connections, errors |
//! | [`callback`] | one file a family: type, documentation, on_*, trampoline |
//! | [`multi`] | many transfers: life, members, driving, the loop, other threads |
//! | [`ws`] | WebSocket: frames, messages, sending, closing |
//! | [`mime`] | bodies in parts: handles, parts, callbacks, what libcurl is given |
//! | [`share`] | caches that handles have in common: what, their locks |
//! | [`list`] | lists of strings handed out |

pub mod access;
pub mod boundary;
pub mod callback;
pub mod easy;
pub mod libcurl;
pub mod library;
pub mod list;
pub mod mime;
pub mod multi;
pub mod registry;
pub mod result;
pub mod share;
pub mod slot;
pub mod ws;
