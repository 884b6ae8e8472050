//! curlback: libcurl's callbacks as a typed C interface.
