//! libcurl as curl-sys does not show it: constants it lacks, the linked version, and the tables of options and infos.

pub mod ca;
pub mod multi;
pub mod strings;
pub mod sys;
pub mod tables;
pub mod version;
