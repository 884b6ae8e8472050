/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/**
 * @file curlback.h
 * libcurl's callbacks as a typed C interface.
 *
 * Generated from the Rust sources: do not edit.
 *
 * Conventions, everywhere:
 *  - A function that can fail returns a curlback_result; CURLBACK_OK is 0. Outputs go through pointers, last, and are
 *    written only on success, but for *running, *sent and *received, which are written always.
 *  - A callback takes the handle it was registered on first and its user_data last.
 *  - A callback that is NULL unsets; user_data and drop are then ignored. `drop`, which may be NULL, is called exactly once
 *    with user_data when nothing can call the callback any more: replaced, unset, reset, closed, but never while that
 *    callback is still running. It runs on the thread that let go last and may call any function of the library. When a
 *    registration fails, the caller keeps user_data and drop is not called.
 *  - Strings going in end with NUL and are copied before the call returns. Strings coming out belong to the library and
 *    stay valid as the function says. (pointer, length) pairs do not end with NUL.
 *  - Unless a function says otherwise: it may be called from any thread and from inside any callback; if the handle is at
 *    work on another thread the answer is CURLBACK_E_BUSY; a handle that is NULL is CURLBACK_E_NULL, one that is closed,
 *    of another kind or invented is CURLBACK_E_HANDLE; and it needs no newer libcurl than 7.88, the oldest supported.
 *  - Whatever a function refuses leaves everything as it was; curlback_last_error() has a sentence on what was wrong.
 */

#ifndef CURLBACK_H
#define CURLBACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/** The version of this header: what curlback_version_number() should say of the library. */
#define CURLBACK_VERSION_MAJOR 0
/** See CURLBACK_VERSION_MAJOR. */
#define CURLBACK_VERSION_MINOR 1
/** See CURLBACK_VERSION_MAJOR. */
#define CURLBACK_VERSION_PATCH 0
/** The three as one number, 0xMMmmpp. */
#define CURLBACK_VERSION_NUMBER \
  ((CURLBACK_VERSION_MAJOR << 16) | (CURLBACK_VERSION_MINOR << 8) | CURLBACK_VERSION_PATCH)

/**
 * libcurl's options, by libcurl's own numbers: what curlback_easy_set_int(), _set_str(), _set_list() and _set_bytes() take.
 * Each says its libcurl type and the libcurl version that brought it.
 */
enum {
  /** CURLOPT_ABSTRACT_UNIX_SOCKET: string. Since libcurl 7.53.0. */
  CURLBACK_OPT_ABSTRACT_UNIX_SOCKET = 10264,
  /** CURLOPT_ACCEPTTIMEOUT_MS: long. Since libcurl 7.24.0. */
  CURLBACK_OPT_ACCEPTTIMEOUT_MS = 212,
  /** CURLOPT_ACCEPT_ENCODING: string. Since libcurl 7.21.6. */
  CURLBACK_OPT_ACCEPT_ENCODING = 10102,
  /** CURLOPT_ADDRESS_SCOPE: long. Since libcurl 7.19.0. */
  CURLBACK_OPT_ADDRESS_SCOPE = 171,
  /** CURLOPT_ALTSVC: string. Since libcurl 7.64.1. */
  CURLBACK_OPT_ALTSVC = 10287,
  /** CURLOPT_ALTSVC_CTRL: long. Since libcurl 7.64.1. */
  CURLBACK_OPT_ALTSVC_CTRL = 286,
  /** CURLOPT_APPEND: long. Since libcurl 7.17.0. */
  CURLBACK_OPT_APPEND = 50,
  /** CURLOPT_AUTOREFERER: long. Since libcurl 7.1. */
  CURLBACK_OPT_AUTOREFERER = 58,
  /** CURLOPT_AWS_SIGV4: string. Since libcurl 7.75.0. */
  CURLBACK_OPT_AWS_SIGV4 = 10305,
  /** CURLOPT_BUFFERSIZE: long. Since libcurl 7.10. */
  CURLBACK_OPT_BUFFERSIZE = 98,
  /** CURLOPT_CAINFO: string. Since libcurl 7.4.2. */
  CURLBACK_OPT_CAINFO = 10065,
  /** CURLOPT_CAINFO_BLOB: blob. Since libcurl 7.77.0. */
  CURLBACK_OPT_CAINFO_BLOB = 40309,
  /** CURLOPT_CAPATH: string. Since libcurl 7.9.8. */
  CURLBACK_OPT_CAPATH = 10097,
  /** CURLOPT_CA_CACHE_TIMEOUT: long. Since libcurl 7.87.0. */
  CURLBACK_OPT_CA_CACHE_TIMEOUT = 321,
  /** CURLOPT_CERTINFO: long. Since libcurl 7.19.1. */
  CURLBACK_OPT_CERTINFO = 172,
  /** CURLOPT_CHUNK_BGN_FUNCTION: function. Since libcurl 7.21.0. */
  CURLBACK_OPT_CHUNK_BGN_FUNCTION = 20198,
  /** CURLOPT_CHUNK_DATA: cbptr. Since libcurl 7.21.0. */
  CURLBACK_OPT_CHUNK_DATA = 10201,
  /** CURLOPT_CHUNK_END_FUNCTION: function. Since libcurl 7.21.0. */
  CURLBACK_OPT_CHUNK_END_FUNCTION = 20199,
  /** CURLOPT_CLOSESOCKETDATA: cbptr. Since libcurl 7.21.7. */
  CURLBACK_OPT_CLOSESOCKETDATA = 10209,
  /** CURLOPT_CLOSESOCKETFUNCTION: function. Since libcurl 7.21.7. */
  CURLBACK_OPT_CLOSESOCKETFUNCTION = 20208,
  /** CURLOPT_CONNECTTIMEOUT: long. Since libcurl 7.7. */
  CURLBACK_OPT_CONNECTTIMEOUT = 78,
  /** CURLOPT_CONNECTTIMEOUT_MS: long. Since libcurl 7.16.2. */
  CURLBACK_OPT_CONNECTTIMEOUT_MS = 156,
  /** CURLOPT_CONNECT_ONLY: long. Since libcurl 7.15.2. */
  CURLBACK_OPT_CONNECT_ONLY = 141,
  /** CURLOPT_CONNECT_TO: slist. Since libcurl 7.49.0. */
  CURLBACK_OPT_CONNECT_TO = 10243,
  /** CURLOPT_CONV_FROM_NETWORK_FUNCTION: function. Since libcurl 7.15.4. */
  CURLBACK_OPT_CONV_FROM_NETWORK_FUNCTION = 20142,
  /** CURLOPT_CONV_FROM_UTF8_FUNCTION: function. Since libcurl 7.15.4. */
  CURLBACK_OPT_CONV_FROM_UTF8_FUNCTION = 20144,
  /** CURLOPT_CONV_TO_NETWORK_FUNCTION: function. Since libcurl 7.15.4. */
  CURLBACK_OPT_CONV_TO_NETWORK_FUNCTION = 20143,
  /** CURLOPT_COOKIE: string. Since libcurl 7.1. */
  CURLBACK_OPT_COOKIE = 10022,
  /** CURLOPT_COOKIEFILE: string. Since libcurl 7.1. */
  CURLBACK_OPT_COOKIEFILE = 10031,
  /** CURLOPT_COOKIEJAR: string. Since libcurl 7.9. */
  CURLBACK_OPT_COOKIEJAR = 10082,
  /** CURLOPT_COOKIELIST: string. Since libcurl 7.14.1. */
  CURLBACK_OPT_COOKIELIST = 10135,
  /** CURLOPT_COOKIESESSION: long. Since libcurl 7.9.7. */
  CURLBACK_OPT_COOKIESESSION = 96,
  /** CURLOPT_COPYPOSTFIELDS: object. Since libcurl 7.17.1. */
  CURLBACK_OPT_COPYPOSTFIELDS = 10165,
  /** CURLOPT_CRLF: long. Since libcurl 7.1. */
  CURLBACK_OPT_CRLF = 27,
  /** CURLOPT_CRLFILE: string. Since libcurl 7.19.0. */
  CURLBACK_OPT_CRLFILE = 10169,
  /** CURLOPT_CURLU: object. Since libcurl 7.63.0. */
  CURLBACK_OPT_CURLU = 10282,
  /** CURLOPT_CUSTOMREQUEST: string. Since libcurl 7.1. */
  CURLBACK_OPT_CUSTOMREQUEST = 10036,
  /** CURLOPT_DEBUGDATA: cbptr. Since libcurl 7.9.6. */
  CURLBACK_OPT_DEBUGDATA = 10095,
  /** CURLOPT_DEBUGFUNCTION: function. Since libcurl 7.9.6. */
  CURLBACK_OPT_DEBUGFUNCTION = 20094,
  /** CURLOPT_DEFAULT_PROTOCOL: string. Since libcurl 7.45.0. */
  CURLBACK_OPT_DEFAULT_PROTOCOL = 10238,
  /** CURLOPT_DIRLISTONLY: long. Since libcurl 7.17.0. */
  CURLBACK_OPT_DIRLISTONLY = 48,
  /** CURLOPT_DISALLOW_USERNAME_IN_URL: long. Since libcurl 7.61.0. */
  CURLBACK_OPT_DISALLOW_USERNAME_IN_URL = 278,
  /** CURLOPT_DNS_CACHE_TIMEOUT: long. Since libcurl 7.9.3. */
  CURLBACK_OPT_DNS_CACHE_TIMEOUT = 92,
  /** CURLOPT_DNS_INTERFACE: string. Since libcurl 7.33.0. */
  CURLBACK_OPT_DNS_INTERFACE = 10221,
  /** CURLOPT_DNS_LOCAL_IP4: string. Since libcurl 7.33.0. */
  CURLBACK_OPT_DNS_LOCAL_IP4 = 10222,
  /** CURLOPT_DNS_LOCAL_IP6: string. Since libcurl 7.33.0. */
  CURLBACK_OPT_DNS_LOCAL_IP6 = 10223,
  /** CURLOPT_DNS_SERVERS: string. Since libcurl 7.24.0. */
  CURLBACK_OPT_DNS_SERVERS = 10211,
  /** CURLOPT_DNS_SHUFFLE_ADDRESSES: long. Since libcurl 7.60.0. */
  CURLBACK_OPT_DNS_SHUFFLE_ADDRESSES = 275,
  /** CURLOPT_DNS_USE_GLOBAL_CACHE: long. Since libcurl 7.9.3. */
  CURLBACK_OPT_DNS_USE_GLOBAL_CACHE = 91,
  /** CURLOPT_DOH_SSL_VERIFYHOST: long. Since libcurl 7.76.0. */
  CURLBACK_OPT_DOH_SSL_VERIFYHOST = 307,
  /** CURLOPT_DOH_SSL_VERIFYPEER: long. Since libcurl 7.76.0. */
  CURLBACK_OPT_DOH_SSL_VERIFYPEER = 306,
  /** CURLOPT_DOH_SSL_VERIFYSTATUS: long. Since libcurl 7.76.0. */
  CURLBACK_OPT_DOH_SSL_VERIFYSTATUS = 308,
  /** CURLOPT_DOH_URL: string. Since libcurl 7.62.0. */
  CURLBACK_OPT_DOH_URL = 10279,
  /** CURLOPT_ECH: string. Since libcurl 8.8.0. */
  CURLBACK_OPT_ECH = 10325,
  /** CURLOPT_EGDSOCKET: string. Since libcurl 7.7. */
  CURLBACK_OPT_EGDSOCKET = 10077,
  /** CURLOPT_ENCODING: string. Since libcurl 7.10. */
  CURLBACK_OPT_ENCODING = 10102,
  /** CURLOPT_ERRORBUFFER: object. Since libcurl 7.1. */
  CURLBACK_OPT_ERRORBUFFER = 10010,
  /** CURLOPT_EXPECT_100_TIMEOUT_MS: long. Since libcurl 7.36.0. */
  CURLBACK_OPT_EXPECT_100_TIMEOUT_MS = 227,
  /** CURLOPT_FAILONERROR: long. Since libcurl 7.1. */
  CURLBACK_OPT_FAILONERROR = 45,
  /** CURLOPT_FILE: cbptr. Since libcurl 7.1. */
  CURLBACK_OPT_FILE = 10001,
  /** CURLOPT_FILETIME: long. Since libcurl 7.5. */
  CURLBACK_OPT_FILETIME = 69,
  /** CURLOPT_FNMATCH_DATA: cbptr. Since libcurl 7.21.0. */
  CURLBACK_OPT_FNMATCH_DATA = 10202,
  /** CURLOPT_FNMATCH_FUNCTION: function. Since libcurl 7.21.0. */
  CURLBACK_OPT_FNMATCH_FUNCTION = 20200,
  /** CURLOPT_FOLLOWLOCATION: long. Since libcurl 7.1. */
  CURLBACK_OPT_FOLLOWLOCATION = 52,
  /** CURLOPT_FORBID_REUSE: long. Since libcurl 7.7. */
  CURLBACK_OPT_FORBID_REUSE = 75,
  /** CURLOPT_FRESH_CONNECT: long. Since libcurl 7.7. */
  CURLBACK_OPT_FRESH_CONNECT = 74,
  /** CURLOPT_FTPAPPEND: long. Since libcurl 7.1. */
  CURLBACK_OPT_FTPAPPEND = 50,
  /** CURLOPT_FTPLISTONLY: long. Since libcurl 7.1. */
  CURLBACK_OPT_FTPLISTONLY = 48,
  /** CURLOPT_FTPPORT: string. Since libcurl 7.1. */
  CURLBACK_OPT_FTPPORT = 10017,
  /** CURLOPT_FTPSSLAUTH: values. Since libcurl 7.12.2. */
  CURLBACK_OPT_FTPSSLAUTH = 129,
  /** CURLOPT_FTP_ACCOUNT: string. Since libcurl 7.13.0. */
  CURLBACK_OPT_FTP_ACCOUNT = 10134,
  /** CURLOPT_FTP_ALTERNATIVE_TO_USER: string. Since libcurl 7.15.5. */
  CURLBACK_OPT_FTP_ALTERNATIVE_TO_USER = 10147,
  /** CURLOPT_FTP_CREATE_MISSING_DIRS: long. Since libcurl 7.10.7. */
  CURLBACK_OPT_FTP_CREATE_MISSING_DIRS = 110,
  /** CURLOPT_FTP_FILEMETHOD: values. Since libcurl 7.15.1. */
  CURLBACK_OPT_FTP_FILEMETHOD = 138,
  /** CURLOPT_FTP_RESPONSE_TIMEOUT: long. Since libcurl 7.10.8. */
  CURLBACK_OPT_FTP_RESPONSE_TIMEOUT = 112,
  /** CURLOPT_FTP_SKIP_PASV_IP: long. Since libcurl 7.15.0. */
  CURLBACK_OPT_FTP_SKIP_PASV_IP = 137,
  /** CURLOPT_FTP_SSL: values. Since libcurl 7.11.0. */
  CURLBACK_OPT_FTP_SSL = 119,
  /** CURLOPT_FTP_SSL_CCC: long. Since libcurl 7.16.1. */
  CURLBACK_OPT_FTP_SSL_CCC = 154,
  /** CURLOPT_FTP_USE_EPRT: long. Since libcurl 7.10.5. */
  CURLBACK_OPT_FTP_USE_EPRT = 106,
  /** CURLOPT_FTP_USE_EPSV: long. Since libcurl 7.9.2. */
  CURLBACK_OPT_FTP_USE_EPSV = 85,
  /** CURLOPT_FTP_USE_PRET: long. Since libcurl 7.20.0. */
  CURLBACK_OPT_FTP_USE_PRET = 188,
  /** CURLOPT_GSSAPI_DELEGATION: values. Since libcurl 7.22.0. */
  CURLBACK_OPT_GSSAPI_DELEGATION = 210,
  /** CURLOPT_HAPPY_EYEBALLS_TIMEOUT_MS: long. Since libcurl 7.59.0. */
  CURLBACK_OPT_HAPPY_EYEBALLS_TIMEOUT_MS = 271,
  /** CURLOPT_HAPROXYPROTOCOL: long. Since libcurl 7.60.0. */
  CURLBACK_OPT_HAPROXYPROTOCOL = 274,
  /** CURLOPT_HAPROXY_CLIENT_IP: string. Since libcurl 8.2.0. */
  CURLBACK_OPT_HAPROXY_CLIENT_IP = 10323,
  /** CURLOPT_HEADER: long. Since libcurl 7.1. */
  CURLBACK_OPT_HEADER = 42,
  /** CURLOPT_HEADERDATA: cbptr. Since libcurl 7.10. */
  CURLBACK_OPT_HEADERDATA = 10029,
  /** CURLOPT_HEADERFUNCTION: function. Since libcurl 7.7.2. */
  CURLBACK_OPT_HEADERFUNCTION = 20079,
  /** CURLOPT_HEADEROPT: values. Since libcurl 7.37.0. */
  CURLBACK_OPT_HEADEROPT = 229,
  /** CURLOPT_HSTS: string. Since libcurl 7.74.0. */
  CURLBACK_OPT_HSTS = 10300,
  /** CURLOPT_HSTSREADDATA: cbptr. Since libcurl 7.74.0. */
  CURLBACK_OPT_HSTSREADDATA = 10302,
  /** CURLOPT_HSTSREADFUNCTION: function. Since libcurl 7.74.0. */
  CURLBACK_OPT_HSTSREADFUNCTION = 20301,
  /** CURLOPT_HSTSWRITEDATA: cbptr. Since libcurl 7.74.0. */
  CURLBACK_OPT_HSTSWRITEDATA = 10304,
  /** CURLOPT_HSTSWRITEFUNCTION: function. Since libcurl 7.74.0. */
  CURLBACK_OPT_HSTSWRITEFUNCTION = 20303,
  /** CURLOPT_HSTS_CTRL: long. Since libcurl 7.74.0. */
  CURLBACK_OPT_HSTS_CTRL = 299,
  /** CURLOPT_HTTP09_ALLOWED: long. Since libcurl 7.64.0. */
  CURLBACK_OPT_HTTP09_ALLOWED = 285,
  /** CURLOPT_HTTP200ALIASES: slist. Since libcurl 7.10.3. */
  CURLBACK_OPT_HTTP200ALIASES = 10104,
  /** CURLOPT_HTTPAUTH: values. Since libcurl 7.10.6. */
  CURLBACK_OPT_HTTPAUTH = 107,
  /** CURLOPT_HTTPGET: long. Since libcurl 7.8.1. */
  CURLBACK_OPT_HTTPGET = 80,
  /** CURLOPT_HTTPHEADER: slist. Since libcurl 7.1. */
  CURLBACK_OPT_HTTPHEADER = 10023,
  /** CURLOPT_HTTPPOST: object. Since libcurl 7.1. */
  CURLBACK_OPT_HTTPPOST = 10024,
  /** CURLOPT_HTTPPROXYTUNNEL: long. Since libcurl 7.3. */
  CURLBACK_OPT_HTTPPROXYTUNNEL = 61,
  /** CURLOPT_HTTPSIG_ALGORITHM: values. Since libcurl 8.22.0. */
  CURLBACK_OPT_HTTPSIG_ALGORITHM = 329,
  /** CURLOPT_HTTPSIG_HEADERS: string. Since libcurl 8.22.0. */
  CURLBACK_OPT_HTTPSIG_HEADERS = 10332,
  /** CURLOPT_HTTPSIG_KEY: string. Since libcurl 8.22.0. */
  CURLBACK_OPT_HTTPSIG_KEY = 10330,
  /** CURLOPT_HTTPSIG_KEYID: string. Since libcurl 8.22.0. */
  CURLBACK_OPT_HTTPSIG_KEYID = 10331,
  /** CURLOPT_HTTP_CONTENT_DECODING: long. Since libcurl 7.16.2. */
  CURLBACK_OPT_HTTP_CONTENT_DECODING = 158,
  /** CURLOPT_HTTP_TRANSFER_DECODING: long. Since libcurl 7.16.2. */
  CURLBACK_OPT_HTTP_TRANSFER_DECODING = 157,
  /** CURLOPT_HTTP_VERSION: values. Since libcurl 7.9.1. */
  CURLBACK_OPT_HTTP_VERSION = 84,
  /** CURLOPT_IGNORE_CONTENT_LENGTH: long. Since libcurl 7.14.1. */
  CURLBACK_OPT_IGNORE_CONTENT_LENGTH = 136,
  /** CURLOPT_INFILE: cbptr. Since libcurl 7.1. */
  CURLBACK_OPT_INFILE = 10009,
  /** CURLOPT_INFILESIZE: long. Since libcurl 7.1. */
  CURLBACK_OPT_INFILESIZE = 14,
  /** CURLOPT_INFILESIZE_LARGE: off_t. Since libcurl 7.11.0. */
  CURLBACK_OPT_INFILESIZE_LARGE = 30115,
  /** CURLOPT_INTERFACE: string. Since libcurl 7.3. */
  CURLBACK_OPT_INTERFACE = 10062,
  /** CURLOPT_INTERLEAVEDATA: cbptr. Since libcurl 7.20.0. */
  CURLBACK_OPT_INTERLEAVEDATA = 10195,
  /** CURLOPT_INTERLEAVEFUNCTION: function. Since libcurl 7.20.0. */
  CURLBACK_OPT_INTERLEAVEFUNCTION = 20196,
  /** CURLOPT_IOCTLDATA: cbptr. Since libcurl 7.12.3. */
  CURLBACK_OPT_IOCTLDATA = 10131,
  /** CURLOPT_IOCTLFUNCTION: function. Since libcurl 7.12.3. */
  CURLBACK_OPT_IOCTLFUNCTION = 20130,
  /** CURLOPT_IPRESOLVE: values. Since libcurl 7.10.8. */
  CURLBACK_OPT_IPRESOLVE = 113,
  /** CURLOPT_ISSUERCERT: string. Since libcurl 7.19.0. */
  CURLBACK_OPT_ISSUERCERT = 10170,
  /** CURLOPT_ISSUERCERT_BLOB: blob. Since libcurl 7.71.0. */
  CURLBACK_OPT_ISSUERCERT_BLOB = 40295,
  /** CURLOPT_KEEP_SENDING_ON_ERROR: long. Since libcurl 7.51.0. */
  CURLBACK_OPT_KEEP_SENDING_ON_ERROR = 245,
  /** CURLOPT_KEYPASSWD: string. Since libcurl 7.17.0. */
  CURLBACK_OPT_KEYPASSWD = 10026,
  /** CURLOPT_KRB4LEVEL: string. Since libcurl 7.3. */
  CURLBACK_OPT_KRB4LEVEL = 10063,
  /** CURLOPT_KRBLEVEL: string. Since libcurl 7.16.4. */
  CURLBACK_OPT_KRBLEVEL = 10063,
  /** CURLOPT_LOCALPORT: long. Since libcurl 7.15.2. */
  CURLBACK_OPT_LOCALPORT = 139,
  /** CURLOPT_LOCALPORTRANGE: long. Since libcurl 7.15.2. */
  CURLBACK_OPT_LOCALPORTRANGE = 140,
  /** CURLOPT_LOGIN_OPTIONS: string. Since libcurl 7.34.0. */
  CURLBACK_OPT_LOGIN_OPTIONS = 10224,
  /** CURLOPT_LOW_SPEED_LIMIT: long. Since libcurl 7.1. */
  CURLBACK_OPT_LOW_SPEED_LIMIT = 19,
  /** CURLOPT_LOW_SPEED_TIME: long. Since libcurl 7.1. */
  CURLBACK_OPT_LOW_SPEED_TIME = 20,
  /** CURLOPT_MAIL_AUTH: string. Since libcurl 7.25.0. */
  CURLBACK_OPT_MAIL_AUTH = 10217,
  /** CURLOPT_MAIL_FROM: string. Since libcurl 7.20.0. */
  CURLBACK_OPT_MAIL_FROM = 10186,
  /** CURLOPT_MAIL_RCPT: slist. Since libcurl 7.20.0. */
  CURLBACK_OPT_MAIL_RCPT = 10187,
  /** CURLOPT_MAIL_RCPT_ALLLOWFAILS: long. Since libcurl 7.69.0. */
  CURLBACK_OPT_MAIL_RCPT_ALLLOWFAILS = 290,
  /** CURLOPT_MAIL_RCPT_ALLOWFAILS: long. Since libcurl 8.2.0. */
  CURLBACK_OPT_MAIL_RCPT_ALLOWFAILS = 290,
  /** CURLOPT_MAXAGE_CONN: long. Since libcurl 7.65.0. */
  CURLBACK_OPT_MAXAGE_CONN = 288,
  /** CURLOPT_MAXCONNECTS: long. Since libcurl 7.7. */
  CURLBACK_OPT_MAXCONNECTS = 71,
  /** CURLOPT_MAXFILESIZE: long. Since libcurl 7.10.8. */
  CURLBACK_OPT_MAXFILESIZE = 114,
  /** CURLOPT_MAXFILESIZE_LARGE: off_t. Since libcurl 7.11.0. */
  CURLBACK_OPT_MAXFILESIZE_LARGE = 30117,
  /** CURLOPT_MAXLIFETIME_CONN: long. Since libcurl 7.80.0. */
  CURLBACK_OPT_MAXLIFETIME_CONN = 314,
  /** CURLOPT_MAXREDIRS: long. Since libcurl 7.5. */
  CURLBACK_OPT_MAXREDIRS = 68,
  /** CURLOPT_MAX_RECV_SPEED_LARGE: off_t. Since libcurl 7.15.5. */
  CURLBACK_OPT_MAX_RECV_SPEED_LARGE = 30146,
  /** CURLOPT_MAX_SEND_SPEED_LARGE: off_t. Since libcurl 7.15.5. */
  CURLBACK_OPT_MAX_SEND_SPEED_LARGE = 30145,
  /** CURLOPT_MIMEPOST: object. Since libcurl 7.56.0. */
  CURLBACK_OPT_MIMEPOST = 10269,
  /** CURLOPT_MIME_OPTIONS: long. Since libcurl 7.81.0. */
  CURLBACK_OPT_MIME_OPTIONS = 315,
  /** CURLOPT_NETRC: values. Since libcurl 7.1. */
  CURLBACK_OPT_NETRC = 51,
  /** CURLOPT_NETRC_FILE: string. Since libcurl 7.11.0. */
  CURLBACK_OPT_NETRC_FILE = 10118,
  /** CURLOPT_NEW_DIRECTORY_PERMS: long. Since libcurl 7.16.4. */
  CURLBACK_OPT_NEW_DIRECTORY_PERMS = 160,
  /** CURLOPT_NEW_FILE_PERMS: long. Since libcurl 7.16.4. */
  CURLBACK_OPT_NEW_FILE_PERMS = 159,
  /** CURLOPT_NOBODY: long. Since libcurl 7.1. */
  CURLBACK_OPT_NOBODY = 44,
  /** CURLOPT_NOPROGRESS: long. Since libcurl 7.1. */
  CURLBACK_OPT_NOPROGRESS = 43,
  /** CURLOPT_NOPROXY: string. Since libcurl 7.19.4. */
  CURLBACK_OPT_NOPROXY = 10177,
  /** CURLOPT_NOSIGNAL: long. Since libcurl 7.10. */
  CURLBACK_OPT_NOSIGNAL = 99,
  /** CURLOPT_OPENSOCKETDATA: cbptr. Since libcurl 7.17.1. */
  CURLBACK_OPT_OPENSOCKETDATA = 10164,
  /** CURLOPT_OPENSOCKETFUNCTION: function. Since libcurl 7.17.1. */
  CURLBACK_OPT_OPENSOCKETFUNCTION = 20163,
  /** CURLOPT_PASSWORD: string. Since libcurl 7.19.1. */
  CURLBACK_OPT_PASSWORD = 10174,
  /** CURLOPT_PATH_AS_IS: long. Since libcurl 7.42.0. */
  CURLBACK_OPT_PATH_AS_IS = 234,
  /** CURLOPT_PINNEDPUBLICKEY: string. Since libcurl 7.39.0. */
  CURLBACK_OPT_PINNEDPUBLICKEY = 10230,
  /** CURLOPT_PIPEWAIT: long. Since libcurl 7.43.0. */
  CURLBACK_OPT_PIPEWAIT = 237,
  /** CURLOPT_PORT: long. Since libcurl 7.1. */
  CURLBACK_OPT_PORT = 3,
  /** CURLOPT_POST: long. Since libcurl 7.1. */
  CURLBACK_OPT_POST = 47,
  /** CURLOPT_POST301: values. Since libcurl 7.17.1. */
  CURLBACK_OPT_POST301 = 161,
  /** CURLOPT_POSTFIELDS: object. Since libcurl 7.1. */
  CURLBACK_OPT_POSTFIELDS = 10015,
  /** CURLOPT_POSTFIELDSIZE: long. Since libcurl 7.2. */
  CURLBACK_OPT_POSTFIELDSIZE = 60,
  /** CURLOPT_POSTFIELDSIZE_LARGE: off_t. Since libcurl 7.11.1. */
  CURLBACK_OPT_POSTFIELDSIZE_LARGE = 30120,
  /** CURLOPT_POSTQUOTE: slist. Since libcurl 7.1. */
  CURLBACK_OPT_POSTQUOTE = 10039,
  /** CURLOPT_POSTREDIR: values. Since libcurl 7.19.1. */
  CURLBACK_OPT_POSTREDIR = 161,
  /** CURLOPT_PREQUOTE: slist. Since libcurl 7.9.5. */
  CURLBACK_OPT_PREQUOTE = 10093,
  /** CURLOPT_PREREQDATA: cbptr. Since libcurl 7.80.0. */
  CURLBACK_OPT_PREREQDATA = 10313,
  /** CURLOPT_PREREQFUNCTION: function. Since libcurl 7.80.0. */
  CURLBACK_OPT_PREREQFUNCTION = 20312,
  /** CURLOPT_PRE_PROXY: string. Since libcurl 7.52.0. */
  CURLBACK_OPT_PRE_PROXY = 10262,
  /** CURLOPT_PRIVATE: object. Since libcurl 7.10.3. */
  CURLBACK_OPT_PRIVATE = 10103,
  /** CURLOPT_PROGRESSDATA: cbptr. Since libcurl 7.1. */
  CURLBACK_OPT_PROGRESSDATA = 10057,
  /** CURLOPT_PROGRESSFUNCTION: function. Since libcurl 7.1. */
  CURLBACK_OPT_PROGRESSFUNCTION = 20056,
  /** CURLOPT_PROTOCOLS: long. Since libcurl 7.19.4. */
  CURLBACK_OPT_PROTOCOLS = 181,
  /** CURLOPT_PROTOCOLS_STR: string. Since libcurl 7.85.0. */
  CURLBACK_OPT_PROTOCOLS_STR = 10318,
  /** CURLOPT_PROXY: string. Since libcurl 7.1. */
  CURLBACK_OPT_PROXY = 10004,
  /** CURLOPT_PROXYAUTH: values. Since libcurl 7.10.7. */
  CURLBACK_OPT_PROXYAUTH = 111,
  /** CURLOPT_PROXYHEADER: slist. Since libcurl 7.37.0. */
  CURLBACK_OPT_PROXYHEADER = 10228,
  /** CURLOPT_PROXYPASSWORD: string. Since libcurl 7.19.1. */
  CURLBACK_OPT_PROXYPASSWORD = 10176,
  /** CURLOPT_PROXYPORT: long. Since libcurl 7.1. */
  CURLBACK_OPT_PROXYPORT = 59,
  /** CURLOPT_PROXYTYPE: values. Since libcurl 7.10. */
  CURLBACK_OPT_PROXYTYPE = 101,
  /** CURLOPT_PROXYUSERNAME: string. Since libcurl 7.19.1. */
  CURLBACK_OPT_PROXYUSERNAME = 10175,
  /** CURLOPT_PROXYUSERPWD: string. Since libcurl 7.1. */
  CURLBACK_OPT_PROXYUSERPWD = 10006,
  /** CURLOPT_PROXY_CAINFO: string. Since libcurl 7.52.0. */
  CURLBACK_OPT_PROXY_CAINFO = 10246,
  /** CURLOPT_PROXY_CAINFO_BLOB: blob. Since libcurl 7.77.0. */
  CURLBACK_OPT_PROXY_CAINFO_BLOB = 40310,
  /** CURLOPT_PROXY_CAPATH: string. Since libcurl 7.52.0. */
  CURLBACK_OPT_PROXY_CAPATH = 10247,
  /** CURLOPT_PROXY_CRLFILE: string. Since libcurl 7.52.0. */
  CURLBACK_OPT_PROXY_CRLFILE = 10260,
  /** CURLOPT_PROXY_ISSUERCERT: string. Since libcurl 7.71.0. */
  CURLBACK_OPT_PROXY_ISSUERCERT = 10296,
  /** CURLOPT_PROXY_ISSUERCERT_BLOB: blob. Since libcurl 7.71.0. */
  CURLBACK_OPT_PROXY_ISSUERCERT_BLOB = 40297,
  /** CURLOPT_PROXY_KEYPASSWD: string. Since libcurl 7.52.0. */
  CURLBACK_OPT_PROXY_KEYPASSWD = 10258,
  /** CURLOPT_PROXY_PINNEDPUBLICKEY: string. Since libcurl 7.52.0. */
  CURLBACK_OPT_PROXY_PINNEDPUBLICKEY = 10263,
  /** CURLOPT_PROXY_SERVICE_NAME: string. Since libcurl 7.43.0. */
  CURLBACK_OPT_PROXY_SERVICE_NAME = 10235,
  /** CURLOPT_PROXY_SSLCERT: string. Since libcurl 7.52.0. */
  CURLBACK_OPT_PROXY_SSLCERT = 10254,
  /** CURLOPT_PROXY_SSLCERTTYPE: string. Since libcurl 7.52.0. */
  CURLBACK_OPT_PROXY_SSLCERTTYPE = 10255,
  /** CURLOPT_PROXY_SSLCERT_BLOB: blob. Since libcurl 7.71.0. */
  CURLBACK_OPT_PROXY_SSLCERT_BLOB = 40293,
  /** CURLOPT_PROXY_SSLKEY: string. Since libcurl 7.52.0. */
  CURLBACK_OPT_PROXY_SSLKEY = 10256,
  /** CURLOPT_PROXY_SSLKEYTYPE: string. Since libcurl 7.52.0. */
  CURLBACK_OPT_PROXY_SSLKEYTYPE = 10257,
  /** CURLOPT_PROXY_SSLKEY_BLOB: blob. Since libcurl 7.71.0. */
  CURLBACK_OPT_PROXY_SSLKEY_BLOB = 40294,
  /** CURLOPT_PROXY_SSLVERSION: values. Since libcurl 7.52.0. */
  CURLBACK_OPT_PROXY_SSLVERSION = 250,
  /** CURLOPT_PROXY_SSL_CIPHER_LIST: string. Since libcurl 7.52.0. */
  CURLBACK_OPT_PROXY_SSL_CIPHER_LIST = 10259,
  /** CURLOPT_PROXY_SSL_OPTIONS: long. Since libcurl 7.52.0. */
  CURLBACK_OPT_PROXY_SSL_OPTIONS = 261,
  /** CURLOPT_PROXY_SSL_VERIFYHOST: long. Since libcurl 7.52.0. */
  CURLBACK_OPT_PROXY_SSL_VERIFYHOST = 249,
  /** CURLOPT_PROXY_SSL_VERIFYPEER: long. Since libcurl 7.52.0. */
  CURLBACK_OPT_PROXY_SSL_VERIFYPEER = 248,
  /** CURLOPT_PROXY_TLS13_CIPHERS: string. Since libcurl 7.61.0. */
  CURLBACK_OPT_PROXY_TLS13_CIPHERS = 10277,
  /** CURLOPT_PROXY_TLSAUTH_PASSWORD: string. Since libcurl 7.52.0. */
  CURLBACK_OPT_PROXY_TLSAUTH_PASSWORD = 10252,
  /** CURLOPT_PROXY_TLSAUTH_TYPE: string. Since libcurl 7.52.0. */
  CURLBACK_OPT_PROXY_TLSAUTH_TYPE = 10253,
  /** CURLOPT_PROXY_TLSAUTH_USERNAME: string. Since libcurl 7.52.0. */
  CURLBACK_OPT_PROXY_TLSAUTH_USERNAME = 10251,
  /** CURLOPT_PROXY_TRANSFER_MODE: long. Since libcurl 7.18.0. */
  CURLBACK_OPT_PROXY_TRANSFER_MODE = 166,
  /** CURLOPT_PUT: long. Since libcurl 7.1. */
  CURLBACK_OPT_PUT = 54,
  /** CURLOPT_QUICK_EXIT: long. Since libcurl 7.87.0. */
  CURLBACK_OPT_QUICK_EXIT = 322,
  /** CURLOPT_QUOTE: slist. Since libcurl 7.1. */
  CURLBACK_OPT_QUOTE = 10028,
  /** CURLOPT_RANDOM_FILE: string. Since libcurl 7.7. */
  CURLBACK_OPT_RANDOM_FILE = 10076,
  /** CURLOPT_RANGE: string. Since libcurl 7.1. */
  CURLBACK_OPT_RANGE = 10007,
  /** CURLOPT_READDATA: cbptr. Since libcurl 7.9.7. */
  CURLBACK_OPT_READDATA = 10009,
  /** CURLOPT_READFUNCTION: function. Since libcurl 7.1. */
  CURLBACK_OPT_READFUNCTION = 20012,
  /** CURLOPT_REDIR_PROTOCOLS: long. Since libcurl 7.19.4. */
  CURLBACK_OPT_REDIR_PROTOCOLS = 182,
  /** CURLOPT_REDIR_PROTOCOLS_STR: string. Since libcurl 7.85.0. */
  CURLBACK_OPT_REDIR_PROTOCOLS_STR = 10319,
  /** CURLOPT_REFERER: string. Since libcurl 7.1. */
  CURLBACK_OPT_REFERER = 10016,
  /** CURLOPT_REQUEST_TARGET: string. Since libcurl 7.55.0. */
  CURLBACK_OPT_REQUEST_TARGET = 10266,
  /** CURLOPT_RESOLVE: slist. Since libcurl 7.21.3. */
  CURLBACK_OPT_RESOLVE = 10203,
  /** CURLOPT_RESOLVER_START_DATA: cbptr. Since libcurl 7.59.0. */
  CURLBACK_OPT_RESOLVER_START_DATA = 10273,
  /** CURLOPT_RESOLVER_START_FUNCTION: function. Since libcurl 7.59.0. */
  CURLBACK_OPT_RESOLVER_START_FUNCTION = 20272,
  /** CURLOPT_RESUME_FROM: long. Since libcurl 7.1. */
  CURLBACK_OPT_RESUME_FROM = 21,
  /** CURLOPT_RESUME_FROM_LARGE: off_t. Since libcurl 7.11.0. */
  CURLBACK_OPT_RESUME_FROM_LARGE = 30116,
  /** CURLOPT_RTSPHEADER: slist. Since libcurl 7.20.0. */
  CURLBACK_OPT_RTSPHEADER = 10023,
  /** CURLOPT_RTSP_CLIENT_CSEQ: long. Since libcurl 7.20.0. */
  CURLBACK_OPT_RTSP_CLIENT_CSEQ = 193,
  /** CURLOPT_RTSP_REQUEST: values. Since libcurl 7.20.0. */
  CURLBACK_OPT_RTSP_REQUEST = 189,
  /** CURLOPT_RTSP_SERVER_CSEQ: long. Since libcurl 7.20.0. */
  CURLBACK_OPT_RTSP_SERVER_CSEQ = 194,
  /** CURLOPT_RTSP_SESSION_ID: string. Since libcurl 7.20.0. */
  CURLBACK_OPT_RTSP_SESSION_ID = 10190,
  /** CURLOPT_RTSP_STREAM_URI: string. Since libcurl 7.20.0. */
  CURLBACK_OPT_RTSP_STREAM_URI = 10191,
  /** CURLOPT_RTSP_TRANSPORT: string. Since libcurl 7.20.0. */
  CURLBACK_OPT_RTSP_TRANSPORT = 10192,
  /** CURLOPT_SASL_AUTHZID: string. Since libcurl 7.66.0. */
  CURLBACK_OPT_SASL_AUTHZID = 10289,
  /** CURLOPT_SASL_IR: long. Since libcurl 7.31.0. */
  CURLBACK_OPT_SASL_IR = 218,
  /** CURLOPT_SEEKDATA: cbptr. Since libcurl 7.18.0. */
  CURLBACK_OPT_SEEKDATA = 10168,
  /** CURLOPT_SEEKFUNCTION: function. Since libcurl 7.18.0. */
  CURLBACK_OPT_SEEKFUNCTION = 20167,
  /** CURLOPT_SERVER_RESPONSE_TIMEOUT: long. Since libcurl 7.20.0. */
  CURLBACK_OPT_SERVER_RESPONSE_TIMEOUT = 112,
  /** CURLOPT_SERVER_RESPONSE_TIMEOUT_MS: long. Since libcurl 8.6.0. */
  CURLBACK_OPT_SERVER_RESPONSE_TIMEOUT_MS = 324,
  /** CURLOPT_SERVICE_NAME: string. Since libcurl 7.43.0. */
  CURLBACK_OPT_SERVICE_NAME = 10236,
  /** CURLOPT_SHARE: object. Since libcurl 7.10. */
  CURLBACK_OPT_SHARE = 10100,
  /** CURLOPT_SOCKOPTDATA: cbptr. Since libcurl 7.16.0. */
  CURLBACK_OPT_SOCKOPTDATA = 10149,
  /** CURLOPT_SOCKOPTFUNCTION: function. Since libcurl 7.16.0. */
  CURLBACK_OPT_SOCKOPTFUNCTION = 20148,
  /** CURLOPT_SOCKS5_AUTH: long. Since libcurl 7.55.0. */
  CURLBACK_OPT_SOCKS5_AUTH = 267,
  /** CURLOPT_SOCKS5_GSSAPI_NEC: long. Since libcurl 7.19.4. */
  CURLBACK_OPT_SOCKS5_GSSAPI_NEC = 180,
  /** CURLOPT_SOCKS5_GSSAPI_SERVICE: string. Since libcurl 7.19.4. */
  CURLBACK_OPT_SOCKS5_GSSAPI_SERVICE = 10179,
  /** CURLOPT_SSH_AUTH_TYPES: values. Since libcurl 7.16.1. */
  CURLBACK_OPT_SSH_AUTH_TYPES = 151,
  /** CURLOPT_SSH_COMPRESSION: long. Since libcurl 7.56.0. */
  CURLBACK_OPT_SSH_COMPRESSION = 268,
  /** CURLOPT_SSH_HOSTKEYDATA: cbptr. Since libcurl 7.84.0. */
  CURLBACK_OPT_SSH_HOSTKEYDATA = 10317,
  /** CURLOPT_SSH_HOSTKEYFUNCTION: function. Since libcurl 7.84.0. */
  CURLBACK_OPT_SSH_HOSTKEYFUNCTION = 20316,
  /** CURLOPT_SSH_HOST_PUBLIC_KEY_MD5: string. Since libcurl 7.17.1. */
  CURLBACK_OPT_SSH_HOST_PUBLIC_KEY_MD5 = 10162,
  /** CURLOPT_SSH_HOST_PUBLIC_KEY_SHA256: string. Since libcurl 7.80.0. */
  CURLBACK_OPT_SSH_HOST_PUBLIC_KEY_SHA256 = 10311,
  /** CURLOPT_SSH_KEYDATA: cbptr. Since libcurl 7.19.6. */
  CURLBACK_OPT_SSH_KEYDATA = 10185,
  /** CURLOPT_SSH_KEYFUNCTION: function. Since libcurl 7.19.6. */
  CURLBACK_OPT_SSH_KEYFUNCTION = 20184,
  /** CURLOPT_SSH_KNOWNHOSTS: string. Since libcurl 7.19.6. */
  CURLBACK_OPT_SSH_KNOWNHOSTS = 10183,
  /** CURLOPT_SSH_PRIVATE_KEYFILE: string. Since libcurl 7.16.1. */
  CURLBACK_OPT_SSH_PRIVATE_KEYFILE = 10153,
  /** CURLOPT_SSH_PUBLIC_KEYFILE: string. Since libcurl 7.16.1. */
  CURLBACK_OPT_SSH_PUBLIC_KEYFILE = 10152,
  /** CURLOPT_SSLCERT: string. Since libcurl 7.1. */
  CURLBACK_OPT_SSLCERT = 10025,
  /** CURLOPT_SSLCERTPASSWD: string. Since libcurl 7.1.1. */
  CURLBACK_OPT_SSLCERTPASSWD = 10026,
  /** CURLOPT_SSLCERTTYPE: string. Since libcurl 7.9.3. */
  CURLBACK_OPT_SSLCERTTYPE = 10086,
  /** CURLOPT_SSLCERT_BLOB: blob. Since libcurl 7.71.0. */
  CURLBACK_OPT_SSLCERT_BLOB = 40291,
  /** CURLOPT_SSLENGINE: string. Since libcurl 7.9.3. */
  CURLBACK_OPT_SSLENGINE = 10089,
  /** CURLOPT_SSLENGINE_DEFAULT: long. Since libcurl 7.9.3. */
  CURLBACK_OPT_SSLENGINE_DEFAULT = 90,
  /** CURLOPT_SSLKEY: string. Since libcurl 7.9.3. */
  CURLBACK_OPT_SSLKEY = 10087,
  /** CURLOPT_SSLKEYPASSWD: string. Since libcurl 7.9.3. */
  CURLBACK_OPT_SSLKEYPASSWD = 10026,
  /** CURLOPT_SSLKEYTYPE: string. Since libcurl 7.9.3. */
  CURLBACK_OPT_SSLKEYTYPE = 10088,
  /** CURLOPT_SSLKEY_BLOB: blob. Since libcurl 7.71.0. */
  CURLBACK_OPT_SSLKEY_BLOB = 40292,
  /** CURLOPT_SSLVERSION: values. Since libcurl 7.1. */
  CURLBACK_OPT_SSLVERSION = 32,
  /** CURLOPT_SSL_CIPHER_LIST: string. Since libcurl 7.9. */
  CURLBACK_OPT_SSL_CIPHER_LIST = 10083,
  /** CURLOPT_SSL_CTX_DATA: cbptr. Since libcurl 7.10.6. */
  CURLBACK_OPT_SSL_CTX_DATA = 10109,
  /** CURLOPT_SSL_CTX_FUNCTION: function. Since libcurl 7.10.6. */
  CURLBACK_OPT_SSL_CTX_FUNCTION = 20108,
  /** CURLOPT_SSL_EC_CURVES: string. Since libcurl 7.73.0. */
  CURLBACK_OPT_SSL_EC_CURVES = 10298,
  /** CURLOPT_SSL_ENABLE_ALPN: long. Since libcurl 7.36.0. */
  CURLBACK_OPT_SSL_ENABLE_ALPN = 226,
  /** CURLOPT_SSL_ENABLE_NPN: long. Since libcurl 7.36.0. */
  CURLBACK_OPT_SSL_ENABLE_NPN = 225,
  /** CURLOPT_SSL_FALSESTART: long. Since libcurl 7.42.0. */
  CURLBACK_OPT_SSL_FALSESTART = 233,
  /** CURLOPT_SSL_OPTIONS: values. Since libcurl 7.25.0. */
  CURLBACK_OPT_SSL_OPTIONS = 216,
  /** CURLOPT_SSL_SESSIONID_CACHE: long. Since libcurl 7.16.0. */
  CURLBACK_OPT_SSL_SESSIONID_CACHE = 150,
  /** CURLOPT_SSL_SIGNATURE_ALGORITHMS: string. Since libcurl 8.14.0. */
  CURLBACK_OPT_SSL_SIGNATURE_ALGORITHMS = 10328,
  /** CURLOPT_SSL_VERIFYHOST: long. Since libcurl 7.8.1. */
  CURLBACK_OPT_SSL_VERIFYHOST = 81,
  /** CURLOPT_SSL_VERIFYPEER: long. Since libcurl 7.4.2. */
  CURLBACK_OPT_SSL_VERIFYPEER = 64,
  /** CURLOPT_SSL_VERIFYSTATUS: long. Since libcurl 7.41.0. */
  CURLBACK_OPT_SSL_VERIFYSTATUS = 232,
  /** CURLOPT_STDERR: object. Since libcurl 7.1. */
  CURLBACK_OPT_STDERR = 10037,
  /** CURLOPT_STREAM_DEPENDS: object. Since libcurl 7.46.0. */
  CURLBACK_OPT_STREAM_DEPENDS = 10240,
  /** CURLOPT_STREAM_DEPENDS_E: object. Since libcurl 7.46.0. */
  CURLBACK_OPT_STREAM_DEPENDS_E = 10241,
  /** CURLOPT_STREAM_WEIGHT: long. Since libcurl 7.46.0. */
  CURLBACK_OPT_STREAM_WEIGHT = 239,
  /** CURLOPT_SUPPRESS_CONNECT_HEADERS: long. Since libcurl 7.54.0. */
  CURLBACK_OPT_SUPPRESS_CONNECT_HEADERS = 265,
  /** CURLOPT_TCP_FASTOPEN: long. Since libcurl 7.49.0. */
  CURLBACK_OPT_TCP_FASTOPEN = 244,
  /** CURLOPT_TCP_KEEPALIVE: long. Since libcurl 7.25.0. */
  CURLBACK_OPT_TCP_KEEPALIVE = 213,
  /** CURLOPT_TCP_KEEPCNT: long. Since libcurl 8.9.0. */
  CURLBACK_OPT_TCP_KEEPCNT = 326,
  /** CURLOPT_TCP_KEEPIDLE: long. Since libcurl 7.25.0. */
  CURLBACK_OPT_TCP_KEEPIDLE = 214,
  /** CURLOPT_TCP_KEEPINTVL: long. Since libcurl 7.25.0. */
  CURLBACK_OPT_TCP_KEEPINTVL = 215,
  /** CURLOPT_TCP_NODELAY: long. Since libcurl 7.11.2. */
  CURLBACK_OPT_TCP_NODELAY = 121,
  /** CURLOPT_TELNETOPTIONS: slist. Since libcurl 7.7. */
  CURLBACK_OPT_TELNETOPTIONS = 10070,
  /** CURLOPT_TFTP_BLKSIZE: long. Since libcurl 7.19.4. */
  CURLBACK_OPT_TFTP_BLKSIZE = 178,
  /** CURLOPT_TFTP_NO_OPTIONS: long. Since libcurl 7.48.0. */
  CURLBACK_OPT_TFTP_NO_OPTIONS = 242,
  /** CURLOPT_TIMECONDITION: values. Since libcurl 7.1. */
  CURLBACK_OPT_TIMECONDITION = 33,
  /** CURLOPT_TIMEOUT: long. Since libcurl 7.1. */
  CURLBACK_OPT_TIMEOUT = 13,
  /** CURLOPT_TIMEOUT_MS: long. Since libcurl 7.16.2. */
  CURLBACK_OPT_TIMEOUT_MS = 155,
  /** CURLOPT_TIMEVALUE: long. Since libcurl 7.1. */
  CURLBACK_OPT_TIMEVALUE = 34,
  /** CURLOPT_TIMEVALUE_LARGE: off_t. Since libcurl 7.59.0. */
  CURLBACK_OPT_TIMEVALUE_LARGE = 30270,
  /** CURLOPT_TLS13_CIPHERS: string. Since libcurl 7.61.0. */
  CURLBACK_OPT_TLS13_CIPHERS = 10276,
  /** CURLOPT_TLSAUTH_PASSWORD: string. Since libcurl 7.21.4. */
  CURLBACK_OPT_TLSAUTH_PASSWORD = 10205,
  /** CURLOPT_TLSAUTH_TYPE: string. Since libcurl 7.21.4. */
  CURLBACK_OPT_TLSAUTH_TYPE = 10206,
  /** CURLOPT_TLSAUTH_USERNAME: string. Since libcurl 7.21.4. */
  CURLBACK_OPT_TLSAUTH_USERNAME = 10204,
  /** CURLOPT_TRAILERDATA: cbptr. Since libcurl 7.64.0. */
  CURLBACK_OPT_TRAILERDATA = 10284,
  /** CURLOPT_TRAILERFUNCTION: function. Since libcurl 7.64.0. */
  CURLBACK_OPT_TRAILERFUNCTION = 20283,
  /** CURLOPT_TRANSFERTEXT: long. Since libcurl 7.1.1. */
  CURLBACK_OPT_TRANSFERTEXT = 53,
  /** CURLOPT_TRANSFER_ENCODING: long. Since libcurl 7.21.6. */
  CURLBACK_OPT_TRANSFER_ENCODING = 207,
  /** CURLOPT_UNIX_SOCKET_PATH: string. Since libcurl 7.40.0. */
  CURLBACK_OPT_UNIX_SOCKET_PATH = 10231,
  /** CURLOPT_UNRESTRICTED_AUTH: long. Since libcurl 7.10.4. */
  CURLBACK_OPT_UNRESTRICTED_AUTH = 105,
  /** CURLOPT_UPKEEP_INTERVAL_MS: long. Since libcurl 7.62.0. */
  CURLBACK_OPT_UPKEEP_INTERVAL_MS = 281,
  /** CURLOPT_UPLOAD: long. Since libcurl 7.1. */
  CURLBACK_OPT_UPLOAD = 46,
  /** CURLOPT_UPLOAD_BUFFERSIZE: long. Since libcurl 7.62.0. */
  CURLBACK_OPT_UPLOAD_BUFFERSIZE = 280,
  /** CURLOPT_UPLOAD_FLAGS: long. Since libcurl 8.13.0. */
  CURLBACK_OPT_UPLOAD_FLAGS = 327,
  /** CURLOPT_URL: string. Since libcurl 7.1. */
  CURLBACK_OPT_URL = 10002,
  /** CURLOPT_USERAGENT: string. Since libcurl 7.1. */
  CURLBACK_OPT_USERAGENT = 10018,
  /** CURLOPT_USERNAME: string. Since libcurl 7.19.1. */
  CURLBACK_OPT_USERNAME = 10173,
  /** CURLOPT_USERPWD: string. Since libcurl 7.1. */
  CURLBACK_OPT_USERPWD = 10005,
  /** CURLOPT_USE_SSL: values. Since libcurl 7.17.0. */
  CURLBACK_OPT_USE_SSL = 119,
  /** CURLOPT_VERBOSE: long. Since libcurl 7.1. */
  CURLBACK_OPT_VERBOSE = 41,
  /** CURLOPT_WILDCARDMATCH: long. Since libcurl 7.21.0. */
  CURLBACK_OPT_WILDCARDMATCH = 197,
  /** CURLOPT_WRITEDATA: cbptr. Since libcurl 7.9.7. */
  CURLBACK_OPT_WRITEDATA = 10001,
  /** CURLOPT_WRITEFUNCTION: function. Since libcurl 7.1. */
  CURLBACK_OPT_WRITEFUNCTION = 20011,
  /** CURLOPT_WRITEHEADER: cbptr. Since libcurl 7.1. */
  CURLBACK_OPT_WRITEHEADER = 10029,
  /** CURLOPT_WS_OPTIONS: long. Since libcurl 7.86.0. */
  CURLBACK_OPT_WS_OPTIONS = 320,
  /** CURLOPT_XFERINFODATA: cbptr. Since libcurl 7.32.0. */
  CURLBACK_OPT_XFERINFODATA = 10057,
  /** CURLOPT_XFERINFOFUNCTION: function. Since libcurl 7.32.0. */
  CURLBACK_OPT_XFERINFOFUNCTION = 20219,
  /** CURLOPT_XOAUTH2_BEARER: string. Since libcurl 7.33.0. */
  CURLBACK_OPT_XOAUTH2_BEARER = 10220
};

/**
 * libcurl's infos, by libcurl's own numbers: what curlback_easy_get_int(), _get_double(), _get_str() and _get_list() take.
 * Each says its libcurl type and the libcurl version that brought it.
 */
enum {
  /** CURLINFO_ACTIVESOCKET: socket. Since libcurl 7.45.0. */
  CURLBACK_INFO_ACTIVESOCKET = 5242924,
  /** CURLINFO_APPCONNECT_TIME: double. Since libcurl 7.19.0. */
  CURLBACK_INFO_APPCONNECT_TIME = 3145761,
  /** CURLINFO_APPCONNECT_TIME_T: off_t. Since libcurl 7.61.0. */
  CURLBACK_INFO_APPCONNECT_TIME_T = 6291512,
  /** CURLINFO_CAINFO: string. Since libcurl 7.84.0. */
  CURLBACK_INFO_CAINFO = 1048637,
  /** CURLINFO_CAPATH: string. Since libcurl 7.84.0. */
  CURLBACK_INFO_CAPATH = 1048638,
  /** CURLINFO_CERTINFO: certinfo. Since libcurl 7.19.1. */
  CURLBACK_INFO_CERTINFO = 4194338,
  /** CURLINFO_CONDITION_UNMET: long. Since libcurl 7.19.4. */
  CURLBACK_INFO_CONDITION_UNMET = 2097187,
  /** CURLINFO_CONNECT_TIME: double. Since libcurl 7.4.1. */
  CURLBACK_INFO_CONNECT_TIME = 3145733,
  /** CURLINFO_CONNECT_TIME_T: off_t. Since libcurl 7.61.0. */
  CURLBACK_INFO_CONNECT_TIME_T = 6291508,
  /** CURLINFO_CONN_ID: off_t. Since libcurl 8.2.0. */
  CURLBACK_INFO_CONN_ID = 6291520,
  /** CURLINFO_CONTENT_LENGTH_DOWNLOAD: double. Since libcurl 7.6.1. */
  CURLBACK_INFO_CONTENT_LENGTH_DOWNLOAD = 3145743,
  /** CURLINFO_CONTENT_LENGTH_DOWNLOAD_T: off_t. Since libcurl 7.55.0. */
  CURLBACK_INFO_CONTENT_LENGTH_DOWNLOAD_T = 6291471,
  /** CURLINFO_CONTENT_LENGTH_UPLOAD: double. Since libcurl 7.6.1. */
  CURLBACK_INFO_CONTENT_LENGTH_UPLOAD = 3145744,
  /** CURLINFO_CONTENT_LENGTH_UPLOAD_T: off_t. Since libcurl 7.55.0. */
  CURLBACK_INFO_CONTENT_LENGTH_UPLOAD_T = 6291472,
  /** CURLINFO_CONTENT_TYPE: string. Since libcurl 7.9.4. */
  CURLBACK_INFO_CONTENT_TYPE = 1048594,
  /** CURLINFO_COOKIELIST: slist. Since libcurl 7.14.1. */
  CURLBACK_INFO_COOKIELIST = 4194332,
  /** CURLINFO_EARLYDATA_SENT_T: off_t. Since libcurl 8.11.0. */
  CURLBACK_INFO_EARLYDATA_SENT_T = 6291524,
  /** CURLINFO_EFFECTIVE_METHOD: string. Since libcurl 7.72.0. */
  CURLBACK_INFO_EFFECTIVE_METHOD = 1048634,
  /** CURLINFO_EFFECTIVE_URL: string. Since libcurl 7.4. */
  CURLBACK_INFO_EFFECTIVE_URL = 1048577,
  /** CURLINFO_FILETIME: long. Since libcurl 7.5. */
  CURLBACK_INFO_FILETIME = 2097166,
  /** CURLINFO_FILETIME_T: off_t. Since libcurl 7.59.0. */
  CURLBACK_INFO_FILETIME_T = 6291470,
  /** CURLINFO_FTP_ENTRY_PATH: string. Since libcurl 7.15.4. */
  CURLBACK_INFO_FTP_ENTRY_PATH = 1048606,
  /** CURLINFO_HEADER_SIZE: long. Since libcurl 7.4.1. */
  CURLBACK_INFO_HEADER_SIZE = 2097163,
  /** CURLINFO_HTTPAUTH_AVAIL: long. Since libcurl 7.10.8. */
  CURLBACK_INFO_HTTPAUTH_AVAIL = 2097175,
  /** CURLINFO_HTTPAUTH_USED: long. Since libcurl 8.12.0. */
  CURLBACK_INFO_HTTPAUTH_USED = 2097221,
  /** CURLINFO_HTTP_CODE: long. Since libcurl 7.4.1. */
  CURLBACK_INFO_HTTP_CODE = 2097154,
  /** CURLINFO_HTTP_CONNECTCODE: long. Since libcurl 7.10.7. */
  CURLBACK_INFO_HTTP_CONNECTCODE = 2097174,
  /** CURLINFO_HTTP_VERSION: long. Since libcurl 7.50.0. */
  CURLBACK_INFO_HTTP_VERSION = 2097198,
  /** CURLINFO_LASTSOCKET: long. Since libcurl 7.15.2. */
  CURLBACK_INFO_LASTSOCKET = 2097181,
  /** CURLINFO_LOCAL_IP: string. Since libcurl 7.21.0. */
  CURLBACK_INFO_LOCAL_IP = 1048617,
  /** CURLINFO_LOCAL_PORT: long. Since libcurl 7.21.0. */
  CURLBACK_INFO_LOCAL_PORT = 2097194,
  /** CURLINFO_NAMELOOKUP_TIME: double. Since libcurl 7.4.1. */
  CURLBACK_INFO_NAMELOOKUP_TIME = 3145732,
  /** CURLINFO_NAMELOOKUP_TIME_T: off_t. Since libcurl 7.61.0. */
  CURLBACK_INFO_NAMELOOKUP_TIME_T = 6291507,
  /** CURLINFO_NUM_CONNECTS: long. Since libcurl 7.12.3. */
  CURLBACK_INFO_NUM_CONNECTS = 2097178,
  /** CURLINFO_OS_ERRNO: long. Since libcurl 7.12.2. */
  CURLBACK_INFO_OS_ERRNO = 2097177,
  /** CURLINFO_POSTTRANSFER_TIME_T: off_t. Since libcurl 8.10.0. */
  CURLBACK_INFO_POSTTRANSFER_TIME_T = 6291523,
  /** CURLINFO_PRETRANSFER_TIME: double. Since libcurl 7.4.1. */
  CURLBACK_INFO_PRETRANSFER_TIME = 3145734,
  /** CURLINFO_PRETRANSFER_TIME_T: off_t. Since libcurl 7.61.0. */
  CURLBACK_INFO_PRETRANSFER_TIME_T = 6291509,
  /** CURLINFO_PRIMARY_IP: string. Since libcurl 7.19.0. */
  CURLBACK_INFO_PRIMARY_IP = 1048608,
  /** CURLINFO_PRIMARY_PORT: long. Since libcurl 7.21.0. */
  CURLBACK_INFO_PRIMARY_PORT = 2097192,
  /** CURLINFO_PRIVATE: string. Since libcurl 7.10.3. */
  CURLBACK_INFO_PRIVATE = 1048597,
  /** CURLINFO_PROTOCOL: long. Since libcurl 7.52.0. */
  CURLBACK_INFO_PROTOCOL = 2097200,
  /** CURLINFO_PROXYAUTH_AVAIL: long. Since libcurl 7.10.8. */
  CURLBACK_INFO_PROXYAUTH_AVAIL = 2097176,
  /** CURLINFO_PROXYAUTH_USED: long. Since libcurl 8.12.0. */
  CURLBACK_INFO_PROXYAUTH_USED = 2097222,
  /** CURLINFO_PROXY_ERROR: long. Since libcurl 7.73.0. */
  CURLBACK_INFO_PROXY_ERROR = 2097211,
  /** CURLINFO_PROXY_SSL_VERIFYRESULT: long. Since libcurl 7.52.0. */
  CURLBACK_INFO_PROXY_SSL_VERIFYRESULT = 2097199,
  /** CURLINFO_QUEUE_TIME_T: off_t. Since libcurl 8.6.0. */
  CURLBACK_INFO_QUEUE_TIME_T = 6291521,
  /** CURLINFO_REDIRECT_COUNT: long. Since libcurl 7.9.7. */
  CURLBACK_INFO_REDIRECT_COUNT = 2097172,
  /** CURLINFO_REDIRECT_TIME: double. Since libcurl 7.9.7. */
  CURLBACK_INFO_REDIRECT_TIME = 3145747,
  /** CURLINFO_REDIRECT_TIME_T: off_t. Since libcurl 7.61.0. */
  CURLBACK_INFO_REDIRECT_TIME_T = 6291511,
  /** CURLINFO_REDIRECT_URL: string. Since libcurl 7.18.2. */
  CURLBACK_INFO_REDIRECT_URL = 1048607,
  /** CURLINFO_REFERER: string. Since libcurl 7.76.0. */
  CURLBACK_INFO_REFERER = 1048636,
  /** CURLINFO_REQUEST_SIZE: long. Since libcurl 7.4.1. */
  CURLBACK_INFO_REQUEST_SIZE = 2097164,
  /** CURLINFO_RESPONSE_CODE: long. Since libcurl 7.10.8. */
  CURLBACK_INFO_RESPONSE_CODE = 2097154,
  /** CURLINFO_RETRY_AFTER: off_t. Since libcurl 7.66.0. */
  CURLBACK_INFO_RETRY_AFTER = 6291513,
  /** CURLINFO_RTSP_CLIENT_CSEQ: long. Since libcurl 7.20.0. */
  CURLBACK_INFO_RTSP_CLIENT_CSEQ = 2097189,
  /** CURLINFO_RTSP_CSEQ_RECV: long. Since libcurl 7.20.0. */
  CURLBACK_INFO_RTSP_CSEQ_RECV = 2097191,
  /** CURLINFO_RTSP_SERVER_CSEQ: long. Since libcurl 7.20.0. */
  CURLBACK_INFO_RTSP_SERVER_CSEQ = 2097190,
  /** CURLINFO_RTSP_SESSION_ID: string. Since libcurl 7.20.0. */
  CURLBACK_INFO_RTSP_SESSION_ID = 1048612,
  /** CURLINFO_SCHEME: string. Since libcurl 7.52.0. */
  CURLBACK_INFO_SCHEME = 1048625,
  /** CURLINFO_SIZE_DELIVERED: off_t. Since libcurl 8.20.0. */
  CURLBACK_INFO_SIZE_DELIVERED = 6291527,
  /** CURLINFO_SIZE_DOWNLOAD: double. Since libcurl 7.4.1. */
  CURLBACK_INFO_SIZE_DOWNLOAD = 3145736,
  /** CURLINFO_SIZE_DOWNLOAD_T: off_t. Since libcurl 7.55.0. */
  CURLBACK_INFO_SIZE_DOWNLOAD_T = 6291464,
  /** CURLINFO_SIZE_UPLOAD: double. Since libcurl 7.4.1. */
  CURLBACK_INFO_SIZE_UPLOAD = 3145735,
  /** CURLINFO_SIZE_UPLOAD_T: off_t. Since libcurl 7.55.0. */
  CURLBACK_INFO_SIZE_UPLOAD_T = 6291463,
  /** CURLINFO_SPEED_DOWNLOAD: double. Since libcurl 7.4.1. */
  CURLBACK_INFO_SPEED_DOWNLOAD = 3145737,
  /** CURLINFO_SPEED_DOWNLOAD_T: off_t. Since libcurl 7.55.0. */
  CURLBACK_INFO_SPEED_DOWNLOAD_T = 6291465,
  /** CURLINFO_SPEED_UPLOAD: double. Since libcurl 7.4.1. */
  CURLBACK_INFO_SPEED_UPLOAD = 3145738,
  /** CURLINFO_SPEED_UPLOAD_T: off_t. Since libcurl 7.55.0. */
  CURLBACK_INFO_SPEED_UPLOAD_T = 6291466,
  /** CURLINFO_SSL_ENGINES: slist. Since libcurl 7.12.3. */
  CURLBACK_INFO_SSL_ENGINES = 4194331,
  /** CURLINFO_SSL_VERIFYRESULT: long. Since libcurl 7.5. */
  CURLBACK_INFO_SSL_VERIFYRESULT = 2097165,
  /** CURLINFO_STARTTRANSFER_TIME: double. Since libcurl 7.9.2. */
  CURLBACK_INFO_STARTTRANSFER_TIME = 3145745,
  /** CURLINFO_STARTTRANSFER_TIME_T: off_t. Since libcurl 7.61.0. */
  CURLBACK_INFO_STARTTRANSFER_TIME_T = 6291510,
  /** CURLINFO_TLS_SESSION: ptr. Since libcurl 7.34.0. */
  CURLBACK_INFO_TLS_SESSION = 4194347,
  /** CURLINFO_TLS_SSL_PTR: ptr. Since libcurl 7.48.0. */
  CURLBACK_INFO_TLS_SSL_PTR = 4194349,
  /** CURLINFO_TOTAL_TIME: double. Since libcurl 7.4.1. */
  CURLBACK_INFO_TOTAL_TIME = 3145731,
  /** CURLINFO_TOTAL_TIME_T: off_t. Since libcurl 7.61.0. */
  CURLBACK_INFO_TOTAL_TIME_T = 6291506,
  /** CURLINFO_USED_PROXY: long. Since libcurl 8.7.0. */
  CURLBACK_INFO_USED_PROXY = 2097218,
  /** CURLINFO_XFER_ID: off_t. Since libcurl 8.2.0. */
  CURLBACK_INFO_XFER_ID = 6291519
};

/**
 * libcurl's multi options, by libcurl's own numbers: what curlback_multi_set_int() takes.
 * Each says its libcurl type and the libcurl version that brought it.
 */
enum {
  /** CURLMOPT_PIPELINING: long. Since libcurl 7.16.0. */
  CURLBACK_MOPT_PIPELINING = 3,
  /** CURLMOPT_MAXCONNECTS: long. Since libcurl 7.16.3. */
  CURLBACK_MOPT_MAXCONNECTS = 6,
  /** CURLMOPT_MAX_HOST_CONNECTIONS: long. Since libcurl 7.30.0. */
  CURLBACK_MOPT_MAX_HOST_CONNECTIONS = 7,
  /** CURLMOPT_MAX_PIPELINE_LENGTH: long. Since libcurl 7.30.0. */
  CURLBACK_MOPT_MAX_PIPELINE_LENGTH = 8,
  /** CURLMOPT_MAX_TOTAL_CONNECTIONS: long. Since libcurl 7.30.0. */
  CURLBACK_MOPT_MAX_TOTAL_CONNECTIONS = 13,
  /** CURLMOPT_MAX_CONCURRENT_STREAMS: long. Since libcurl 7.67.0. */
  CURLBACK_MOPT_MAX_CONCURRENT_STREAMS = 16,
  /** CURLMOPT_NETWORK_CHANGED: long. Since libcurl 8.16.0. */
  CURLBACK_MOPT_NETWORK_CHANGED = 17,
  /** CURLMOPT_RESOLVE_THREADS_MAX: long. Since libcurl 8.20.0. */
  CURLBACK_MOPT_RESOLVE_THREADS_MAX = 20,
  /** CURLMOPT_QUICK_EXIT: long. Since libcurl 8.20.0. */
  CURLBACK_MOPT_QUICK_EXIT = 21,
  /** CURLMOPT_CONTENT_LENGTH_PENALTY_SIZE: off_t. Since libcurl 7.30.0. */
  CURLBACK_MOPT_CONTENT_LENGTH_PENALTY_SIZE = 30009,
  /** CURLMOPT_CHUNK_LENGTH_PENALTY_SIZE: off_t. Since libcurl 7.30.0. */
  CURLBACK_MOPT_CHUNK_LENGTH_PENALTY_SIZE = 30010
};


/**
 * Which callback: what curlback_has_callback() takes and curlback_error has.
 */
typedef enum curlback_callback {
  /**
   * None at all.
   */
  CURLBACK_CALLBACK_NONE = 0,
  /**
   * curlback_easy_on_write()
   */
  CURLBACK_CALLBACK_WRITE = 1,
  /**
   * curlback_easy_on_header()
   */
  CURLBACK_CALLBACK_HEADER = 2,
  /**
   * curlback_easy_on_read()
   */
  CURLBACK_CALLBACK_READ = 3,
  /**
   * curlback_easy_on_seek()
   */
  CURLBACK_CALLBACK_SEEK = 4,
  /**
   * curlback_easy_on_ioctl()
   */
  CURLBACK_CALLBACK_IOCTL = 5,
  /**
   * curlback_easy_on_debug()
   */
  CURLBACK_CALLBACK_DEBUG = 6,
  /**
   * curlback_easy_on_progress()
   */
  CURLBACK_CALLBACK_PROGRESS = 7,
  /**
   * curlback_easy_on_xferinfo()
   */
  CURLBACK_CALLBACK_XFERINFO = 8,
  /**
   * curlback_easy_on_open_socket()
   */
  CURLBACK_CALLBACK_OPEN_SOCKET = 9,
  /**
   * curlback_easy_on_close_socket()
   */
  CURLBACK_CALLBACK_CLOSE_SOCKET = 10,
  /**
   * curlback_easy_on_sockopt()
   */
  CURLBACK_CALLBACK_SOCKOPT = 11,
  /**
   * curlback_easy_on_ssh_key()
   */
  CURLBACK_CALLBACK_SSH_KEY = 12,
  /**
   * curlback_easy_on_ssh_host_key()
   */
  CURLBACK_CALLBACK_SSH_HOST_KEY = 13,
  /**
   * curlback_easy_on_prereq()
   */
  CURLBACK_CALLBACK_PREREQ = 14,
  /**
   * curlback_easy_on_trailer()
   */
  CURLBACK_CALLBACK_TRAILER = 15,
  /**
   * curlback_easy_on_resolver_start()
   */
  CURLBACK_CALLBACK_RESOLVER_START = 16,
  /**
   * curlback_easy_on_fnmatch()
   */
  CURLBACK_CALLBACK_FNMATCH = 17,
  /**
   * curlback_easy_on_chunk_begin()
   */
  CURLBACK_CALLBACK_CHUNK_BEGIN = 18,
  /**
   * curlback_easy_on_chunk_end()
   */
  CURLBACK_CALLBACK_CHUNK_END = 19,
  /**
   * curlback_easy_on_interleave()
   */
  CURLBACK_CALLBACK_INTERLEAVE = 20,
  /**
   * curlback_easy_on_ssl_ctx()
   */
  CURLBACK_CALLBACK_SSL_CTX = 21,
  /**
   * curlback_easy_on_hsts_read()
   */
  CURLBACK_CALLBACK_HSTS_READ = 22,
  /**
   * curlback_easy_on_hsts_write()
   */
  CURLBACK_CALLBACK_HSTS_WRITE = 23,
  /**
   * read of a mime part
   */
  CURLBACK_CALLBACK_MIME_READ = 24,
  /**
   * seek of a mime part
   */
  CURLBACK_CALLBACK_MIME_SEEK = 25,
  /**
   * curlback_multi_on_socket()
   */
  CURLBACK_CALLBACK_MULTI_SOCKET = 26,
  /**
   * curlback_multi_on_timer()
   */
  CURLBACK_CALLBACK_MULTI_TIMER = 27,
  /**
   * curlback_multi_on_done()
   */
  CURLBACK_CALLBACK_MULTI_DONE = 28,
  /**
   * curlback_multi_on_notify()
   */
  CURLBACK_CALLBACK_MULTI_NOTIFY = 29,
  /**
   * curlback_multi_on_push()
   */
  CURLBACK_CALLBACK_MULTI_PUSH = 30,
  /**
   * lock of a share handle
   */
  CURLBACK_CALLBACK_SHARE_LOCK = 31,
  /**
   * unlock of a share handle
   */
  CURLBACK_CALLBACK_SHARE_UNLOCK = 32,
  /**
   * curlback_easy_on_ws_message()
   */
  CURLBACK_CALLBACK_WS_MESSAGE = 33,
} curlback_callback;

/**
 * This library's own results, and where libcurl's begin.
 */
typedef enum curlback_code {
  /**
   * Success.
   */
  CURLBACK_OK = 0,
  /**
   * Added to libcurl's CURLMcode.
   */
  CURLBACK_MULTI_BASE = 1000,
  /**
   * Added to libcurl's CURLSHcode.
   */
  CURLBACK_SHARE_BASE = 2000,
  /**
   * A pointer that must not be NULL was NULL.
   */
  CURLBACK_E_NULL = 10000,
  /**
   * Not a live handle of this kind: closed, of another kind, or never a handle.
   */
  CURLBACK_E_HANDLE = 10001,
  /**
   * The handle is at work on another thread, and this call must wait until it has finished.
   */
  CURLBACK_E_BUSY = 10002,
  /**
   * Not allowed from inside a callback.
   */
  CURLBACK_E_IN_CALLBACK = 10003,
  /**
   * Allowed only from inside a callback of this handle.
   */
  CURLBACK_E_NOT_IN_CALLBACK = 10004,
  /**
   * Another destination or source of the same group is set; unset it first.
   */
  CURLBACK_E_EXCLUSIVE = 10005,
  /**
   * No such option or info, or one that only its own function may set.
   */
  CURLBACK_E_OPTION = 10006,
  /**
   * The option or info is of another type.
   */
  CURLBACK_E_TYPE = 10007,
  /**
   * The value does not fit.
   */
  CURLBACK_E_RANGE = 10008,
  /**
   * The linked libcurl lacks it: too old, or built without it.
   */
  CURLBACK_E_UNSUPPORTED = 10009,
  /**
   * A callback interrupted the transfer; see curlback_easy_raise().
   */
  CURLBACK_E_RAISED = 10010,
  /**
   * curlback_easy_cancel() ended the transfer.
   */
  CURLBACK_E_CANCELLED = 10011,
  /**
   * Still attached to something else.
   */
  CURLBACK_E_IN_USE = 10012,
  /**
   * A limit that the caller set was reached.
   */
  CURLBACK_E_LIMIT = 10013,
  /**
   * Out of memory.
   */
  CURLBACK_E_NO_MEMORY = 10014,
  /**
   * A defect of this library, or a panic in a callback written in Rust: contained.
   */
  CURLBACK_E_INTERNAL = 10015,
  /**
   * There is none of what was asked for.
   */
  CURLBACK_E_ABSENT = 10016,
} curlback_code;

/**
 * What a WebSocket frame is: bits of `flags` in curlback_ws_frame and of what curlback_ws_send() takes.
 */
typedef enum curlback_ws {
  /**
   * Of a text message, in UTF-8. libcurl does not check what arrives.
   */
  CURLBACK_WS_TEXT = 1,
  /**
   * Of a binary message.
   */
  CURLBACK_WS_BINARY = 2,
  /**
   * With TEXT or BINARY: more fragments of the message follow.
   */
  CURLBACK_WS_CONT = 4,
  /**
   * The peer closes: a code in two bytes, big-endian, and a reason in UTF-8, or nothing. libcurl does not answer it:
   * curlback_ws_close() does, and most peers wait for that.
   */
  CURLBACK_WS_CLOSE = 8,
  /**
   * A ping. libcurl answers it and does not show it, unless the bit 2 of the option WS_OPTIONS is set.
   */
  CURLBACK_WS_PING = 16,
  /**
   * For curlback_ws_send(), with TEXT or BINARY: the frame is sent in pieces, of which this is the first or another.
   */
  CURLBACK_WS_OFFSET = 32,
  /**
   * A pong.
   */
  CURLBACK_WS_PONG = 64,
} curlback_ws;

/**
 * What the data callbacks (write, header, interleave, read) may return beside a count of bytes.
 */
typedef enum curlback_data {
  /**
   * End the transfer.
   */
  CURLBACK_ABORT = -1,
  /**
   * Pause this direction until curlback_easy_pause() resumes it. What was received is delivered again then, whole,
   * perhaps with newer data after it.
   */
  CURLBACK_PAUSE = -2,
  /**
   * All that was received has been consumed.
   */
  CURLBACK_ALL = -3,
} curlback_data;

/**
 * What a seek callback returns.
 */
typedef enum curlback_seek {
  /**
   * Done.
   */
  CURLBACK_SEEK_OK = 0,
  /**
   * The transfer fails: SEND_FAIL_REWIND (65) where a body had to be sent again, FTP_COULDNT_USE_REST (31) where an upload by
   * FTP or SFTP was to be resumed, READ_ERROR (26) where one by HTTP was.
   */
  CURLBACK_SEEK_FAIL = 1,
  /**
   * It cannot be done. A resumed upload then reads and throws away; a body to be sent again is SEND_FAIL_REWIND (65).
   */
  CURLBACK_SEEK_CANTSEEK = 2,
} curlback_seek;

/**
 * What the offset of a seek callback counts from.
 */
typedef enum curlback_origin {
  /**
   * The beginning.
   */
  CURLBACK_ORIGIN_START = 0,
  /**
   * Where it stands.
   */
  CURLBACK_ORIGIN_CURRENT = 1,
  /**
   * The end.
   */
  CURLBACK_ORIGIN_END = 2,
} curlback_origin;

/**
 * What an ioctl callback returns.
 */
typedef enum curlback_ioctl {
  /**
   * Done.
   */
  CURLBACK_IOCTL_OK = 0,
  /**
   * It does not know the command: SEND_FAIL_REWIND (65).
   */
  CURLBACK_IOCTL_UNKNOWN_COMMAND = 1,
  /**
   * It cannot go back to the beginning: SEND_FAIL_REWIND (65).
   */
  CURLBACK_IOCTL_FAIL_RESTART = 2,
} curlback_ioctl;

/**
 * What an ioctl callback is asked for.
 */
typedef enum curlback_ioctl_command {
  /**
   * Nothing. libcurl never asks for it.
   */
  CURLBACK_IOCTL_NOP = 0,
  /**
   * Go back to the beginning of what on_read supplies.
   */
  CURLBACK_IOCTL_RESTART_READ = 1,
} curlback_ioctl_command;

/**
 * What a debug callback is shown.
 */
typedef enum curlback_debug {
  /**
   * What libcurl says about its work.
   */
  CURLBACK_DEBUG_TEXT = 0,
  /**
   * Headers received.
   */
  CURLBACK_DEBUG_HEADER_IN = 1,
  /**
   * Headers sent.
   */
  CURLBACK_DEBUG_HEADER_OUT = 2,
  /**
   * Body received.
   */
  CURLBACK_DEBUG_DATA_IN = 3,
  /**
   * Body sent.
   */
  CURLBACK_DEBUG_DATA_OUT = 4,
  /**
   * TLS records received.
   */
  CURLBACK_DEBUG_TLS_DATA_IN = 5,
  /**
   * TLS records sent.
   */
  CURLBACK_DEBUG_TLS_DATA_OUT = 6,
} curlback_debug;

/**
 * What curlback_easy_pause() sets.
 */
typedef enum curlback_pause {
  /**
   * Both directions go on.
   */
  CURLBACK_PAUSE_NONE = 0,
  /**
   * Receiving is paused, sending goes on.
   */
  CURLBACK_PAUSE_RECV = 1,
  /**
   * Sending is paused, receiving goes on.
   */
  CURLBACK_PAUSE_SEND = 4,
  /**
   * Both are paused.
   */
  CURLBACK_PAUSE_BOTH = 5,
} curlback_pause;

/**
 * What a socket is for: the `purpose` of open_socket and sockopt callbacks.
 */
typedef enum curlback_socket_purpose {
  /**
   * To connect to the address.
   */
  CURLBACK_SOCKET_CONNECT = 0,
  /**
   * It was accepted: the data connection of FTP in active mode. sockopt alone.
   */
  CURLBACK_SOCKET_ACCEPT = 1,
} curlback_socket_purpose;

/**
 * What an open_socket callback may return beside a socket.
 */
typedef enum curlback_socket_answer {
  /**
   * The address is refused.
   */
  CURLBACK_SOCKET_BAD = -1,
  /**
   * Open it as libcurl would.
   */
  CURLBACK_SOCKET_DEFAULT = -2,
} curlback_socket_answer;

/**
 * What a sockopt callback returns.
 */
typedef enum curlback_sockopt {
  /**
   * Go on.
   */
  CURLBACK_SOCKOPT_OK = 0,
  /**
   * The transfer ends with ABORTED_BY_CALLBACK (42).
   */
  CURLBACK_SOCKOPT_ERROR = 1,
  /**
   * The socket is connected already: libcurl does not connect it.
   */
  CURLBACK_SOCKOPT_ALREADY_CONNECTED = 2,
} curlback_sockopt;

/**
 * What sort of host key it is.
 */
typedef enum curlback_ssh_key_type {
  /**
   * None of the others.
   */
  CURLBACK_SSH_KEY_UNKNOWN = 0,
  /**
   * RSA, of version 1 of the protocol.
   */
  CURLBACK_SSH_KEY_RSA1 = 1,
  /**
   * RSA.
   */
  CURLBACK_SSH_KEY_RSA = 2,
  /**
   * DSS.
   */
  CURLBACK_SSH_KEY_DSS = 3,
  /**
   * ECDSA.
   */
  CURLBACK_SSH_KEY_ECDSA = 4,
  /**
   * ED25519.
   */
  CURLBACK_SSH_KEY_ED25519 = 5,
} curlback_ssh_key_type;

/**
 * What libcurl says of a host key.
 */
typedef enum curlback_ssh_match {
  /**
   * The known-hosts file has this key for the server.
   */
  CURLBACK_SSH_MATCH = 0,
  /**
   * It has another one: the key has changed, or this is not the server.
   */
  CURLBACK_SSH_MISMATCH = 1,
  /**
   * It has none.
   */
  CURLBACK_SSH_MISSING = 2,
} curlback_ssh_match;

/**
 * A verdict on a host key. These are not libcurl's numbers: 0 rejects, so that a callback that fails never accepts one.
 */
typedef enum curlback_ssh_verdict {
  /**
   * The transfer ends with PEER_FAILED_VERIFICATION (60).
   */
  CURLBACK_SSH_REJECT = 0,
  /**
   * It is fine this time.
   */
  CURLBACK_SSH_ACCEPT = 1,
  /**
   * It is fine, and goes into the known-hosts file, beside the ones that are there.
   */
  CURLBACK_SSH_ADD_TO_FILE = 2,
  /**
   * It is fine, and takes the place of the server's key in the known-hosts file.
   */
  CURLBACK_SSH_REPLACE = 3,
  /**
   * As CURLBACK_SSH_REJECT: nobody is asked again.
   */
  CURLBACK_SSH_DEFER = 4,
} curlback_ssh_verdict;

/**
 * What an fnmatch callback returns.
 */
typedef enum curlback_fnmatch {
  /**
   * The string matches the pattern.
   */
  CURLBACK_FNMATCH_MATCH = 0,
  /**
   * It does not.
   */
  CURLBACK_FNMATCH_NOMATCH = 1,
  /**
   * The transfer ends with ABORTED_BY_CALLBACK (42).
   */
  CURLBACK_FNMATCH_FAIL = 2,
} curlback_fnmatch;

/**
 * What chunk_begin and chunk_end callbacks return.
 */
typedef enum curlback_chunk {
  /**
   * Go on.
   */
  CURLBACK_CHUNK_OK = 0,
  /**
   * The transfer ends with CHUNK_FAILED (88).
   */
  CURLBACK_CHUNK_FAIL = 1,
  /**
   * This file is not downloaded. chunk_begin alone.
   */
  CURLBACK_CHUNK_SKIP = 2,
} curlback_chunk;

/**
 * What sort of file it is.
 */
typedef enum curlback_file {
  /**
   * A regular file.
   */
  CURLBACK_FILE_REGULAR = 0,
  /**
   * A directory.
   */
  CURLBACK_FILE_DIRECTORY = 1,
  /**
   * A symbolic link.
   */
  CURLBACK_FILE_SYMLINK = 2,
  /**
   * A block device.
   */
  CURLBACK_FILE_BLOCK_DEVICE = 3,
  /**
   * A character device.
   */
  CURLBACK_FILE_CHAR_DEVICE = 4,
  /**
   * A named pipe.
   */
  CURLBACK_FILE_PIPE = 5,
  /**
   * A socket.
   */
  CURLBACK_FILE_SOCKET = 6,
  /**
   * A door of Solaris.
   */
  CURLBACK_FILE_DOOR = 7,
  /**
   * None of the others.
   */
  CURLBACK_FILE_UNKNOWN = 8,
} curlback_file;

/**
 * What a prereq callback returns.
 */
typedef enum curlback_prereq {
  /**
   * Send the request.
   */
  CURLBACK_PREREQ_OK = 0,
  /**
   * The transfer ends with ABORTED_BY_CALLBACK (42).
   */
  CURLBACK_PREREQ_ABORT = 1,
} curlback_prereq;

/**
 * What a trailer callback returns.
 */
typedef enum curlback_trailer {
  /**
   * Send the trailers that were added.
   */
  CURLBACK_TRAILER_OK = 0,
  /**
   * The transfer ends with ABORTED_BY_CALLBACK (42).
   */
  CURLBACK_TRAILER_ABORT = 1,
} curlback_trailer;

/**
 * What the HSTS callbacks return.
 */
typedef enum curlback_hsts {
  /**
   * Go on with the next entry.
   */
  CURLBACK_HSTS_OK = 0,
  /**
   * There is no further entry, or none is wanted.
   */
  CURLBACK_HSTS_DONE = 1,
  /**
   * It failed.
   */
  CURLBACK_HSTS_FAIL = 2,
} curlback_hsts;

/**
 * How grave what a callback raises is.
 */
typedef enum curlback_raise {
  /**
   * perform returns what libcurl makes of the callback's failing return; the record explains it.
   */
  CURLBACK_RAISE_ERROR = 0,
  /**
   * perform returns CURLBACK_E_RAISED, whatever the callback returns, and no further callback of this transfer runs.
   */
  CURLBACK_RAISE_INTERRUPT = 1,
} curlback_raise;

/**
 * What a share can have in common.
 */
typedef enum curlback_share_data {
  /**
   * Cookies, among the handles that use any: those that have the option COOKIEFILE, "" say.
   */
  CURLBACK_SHARE_COOKIES = 2,
  /**
   * The addresses of hosts.
   */
  CURLBACK_SHARE_DNS = 3,
  /**
   * TLS sessions, to be resumed.
   */
  CURLBACK_SHARE_TLS_SESSIONS = 4,
  /**
   * Connections that are kept for reuse. The option MAXCONNECTS of each handle is a limit for all that the share keeps.
   */
  CURLBACK_SHARE_CONNECTIONS = 5,
  /**
   * The Public Suffix List.
   */
  CURLBACK_SHARE_PSL = 6,
  /**
   * The hosts that are to be reached over HTTPS alone.
   */
  CURLBACK_SHARE_HSTS = 7,
} curlback_share_data;

/**
 * How data is locked.
 */
typedef enum curlback_access {
  /**
   * libcurl never says this.
   */
  CURLBACK_ACCESS_NONE = 0,
  /**
   * To be read, by several threads at a time.
   */
  CURLBACK_ACCESS_SHARED = 1,
  /**
   * By this thread alone.
   */
  CURLBACK_ACCESS_SINGLE = 2,
} curlback_access;

/**
 * What to wait for on a descriptor: the `events` and `revents` of a curlback_wait_fd.
 */
typedef enum curlback_wait {
  /**
   * Something can be read.
   */
  CURLBACK_WAIT_IN = 1,
  /**
   * Something urgent can be read.
   */
  CURLBACK_WAIT_PRI = 2,
  /**
   * Something can be written.
   */
  CURLBACK_WAIT_OUT = 4,
} curlback_wait;

/**
 * When curlback_multi_run() returns.
 */
typedef enum curlback_run {
  /**
   * When no transfer is under way any more.
   */
  CURLBACK_RUN_UNTIL_DONE = 0,
  /**
   * When curlback_multi_stop() was called: it waits for more transfers.
   */
  CURLBACK_RUN_UNTIL_STOPPED = 1,
} curlback_run;

/**
 * What to wait for on a socket: the `what` of on_socket callbacks.
 */
typedef enum curlback_poll {
  /**
   * Nothing for now, but the socket is still used.
   */
  CURLBACK_POLL_NONE = 0,
  /**
   * That it can be read.
   */
  CURLBACK_POLL_IN = 1,
  /**
   * That it can be written.
   */
  CURLBACK_POLL_OUT = 2,
  /**
   * Either.
   */
  CURLBACK_POLL_INOUT = 3,
  /**
   * Nothing any more: libcurl is about to close it, or has no use for it.
   */
  CURLBACK_POLL_REMOVE = 4,
} curlback_poll;

/**
 * What happened on a socket: the `events` of curlback_multi_socket_action(), or'ed.
 */
typedef enum curlback_select {
  /**
   * It can be read.
   */
  CURLBACK_SELECT_IN = 1,
  /**
   * It can be written.
   */
  CURLBACK_SELECT_OUT = 2,
  /**
   * It is in an error state.
   */
  CURLBACK_SELECT_ERR = 4,
} curlback_select;

/**
 * The socket that stands for none.
 */
typedef enum curlback_socket_timeout {
  /**
   * For curlback_multi_socket_action(): the time has come that on_timer was told.
   */
  CURLBACK_SOCKET_TIMEOUT = -1,
} curlback_socket_timeout;

/**
 * What on_notify is called for.
 */
typedef enum curlback_notify {
  /**
   * Transfers have ended since it was last called for that: of which curlback_multi_next_done() tells. `easy` is NULL.
   */
  CURLBACK_NOTIFY_INFO_READ = 0,
  /**
   * The transfer of `easy` has ended.
   */
  CURLBACK_NOTIFY_EASY_DONE = 1,
} curlback_notify;

/**
 * What an on_push callback returns.
 */
typedef enum curlback_push {
  /**
   * The transfer is wanted: `pushed` is in the multi handle from here on, and the application's, to be closed by it.
   */
  CURLBACK_PUSH_OK = 0,
  /**
   * It is not.
   */
  CURLBACK_PUSH_DENY = 1,
  /**
   * It is not, and the transfer that it belongs to ends with RECV_ERROR (56).
   */
  CURLBACK_PUSH_ERROR = 2,
} curlback_push;

/**
 * A handle for one transfer at a time, with its options, callbacks, connections and caches.
 *
 * Made by curlback_easy_new() and curlback_easy_duplicate(), freed by curlback_easy_close() or curlback_easy_release(). Opaque:
 * the value is never dereferenced, and never used again for another handle.
 */
typedef struct curlback_easy curlback_easy;

/**
 * A place for one entry: curlback_hsts_fill(). Lent to an hsts_read callback, and gone when that returns. Opaque: the value is
 * never dereferenced, and never used again for another handle.
 */
typedef struct curlback_hsts_slot curlback_hsts_slot;

/**
 * A list of strings handed out by the library: curlback_list_len(), curlback_list_get(). It is the caller's, freed by
 * curlback_list_free(). Opaque: the value is never dereferenced, and never used again for another handle.
 */
typedef struct curlback_list curlback_list;

/**
 * A body in parts: curlback_mime_add(), curlback_easy_set_mime(). Made by curlback_mime_new(), freed by curlback_mime_close() or
 * curlback_mime_release(). Opaque: the value is never dereferenced, and never used again for another handle.
 */
typedef struct curlback_mime curlback_mime;

/**
 * A part of a mime, which owns it: it lives as long as the curlback_mime's handle. Made by curlback_mime_add(). Opaque: the value is
 * never dereferenced, and never used again for another handle.
 */
typedef struct curlback_mime_part curlback_mime_part;

/**
 * A handle for many transfers at once, which one thread drives at a time.
 *
 * Made by curlback_multi_new(), freed by curlback_multi_close() or curlback_multi_release(). Opaque: the value is never dereferenced,
 * and never used again for another handle.
 */
typedef struct curlback_multi curlback_multi;

/**
 * Caches that easy handles share: curlback_share_add(), curlback_easy_set_share(). Made by curlback_share_new(), freed by
 * curlback_share_close() or curlback_share_release(). Opaque: the value is never dereferenced, and never used again for
 * another handle.
 */
typedef struct curlback_share curlback_share;

/**
 * The trailers of an upload: curlback_trailers_add(). Lent to a trailer callback, and gone when that returns. Opaque: the value is
 * never dereferenced, and never used again for another handle.
 */
typedef struct curlback_trailers curlback_trailers;

/**
 * What a function of this library answers:
 *
 * - 0: success;
 * - 1 to 999: libcurl's CURLcode, unchanged;
 * - 1000 to 1999: 1000 + libcurl's CURLMcode;
 * - 2000 to 2999: 2000 + libcurl's CURLSHcode;
 * - from 10000: this library's own, CURLBACK_E_*.
 *
 * curlback_result_name() and curlback_strerror() know them all.
 */
typedef int32_t curlback_result;

/**
 * `len` bytes at `data` were received: of the body in curlback_easy_on_write(), one line in curlback_easy_on_header(), one packet
 * in curlback_easy_on_interleave().
 *
 * `data` belongs to libcurl and is there until the callback returns; it does not end with NUL. `len` is at most 16 KiB for a
 * body and can be 0.
 *
 * Return `len` or CURLBACK_ALL: consumed. CURLBACK_PAUSE: deliver the same bytes again after unpausing. Anything else
 * ends the transfer with libcurl's WRITE_ERROR (23).
 */
typedef int64_t (*curlback_write_cb)(struct curlback_easy *easy,
                                     const uint8_t *data,
                                     size_t len,
                                     void *user_data);

/**
 * Called exactly once with the `user_data` that it was registered with, when nothing of the library will use that any
 * more, on the thread that let go last. It may call any function of the library.
 */
typedef void (*curlback_drop_cb)(void *user_data);

/**
 * `len` bytes at `data`, of the sort `kind`, one of CURLBACK_DEBUG_*. They are there until the callback returns and do not
 * end with NUL. It cannot fail; curlback_easy_raise() with CURLBACK_RAISE_INTERRUPT ends the transfer all the same.
 */
typedef void (*curlback_debug_cb)(struct curlback_easy *easy,
                                  int32_t kind,
                                  const uint8_t *data,
                                  size_t len,
                                  void *user_data);

/**
 * Say whether the file `string` matches `pattern`, what stands behind the last slash of the URL.
 *
 * Return CURLBACK_FNMATCH_*; any other value counts as CURLBACK_FNMATCH_FAIL.
 */
typedef int32_t (*curlback_fnmatch_cb)(struct curlback_easy *easy,
                                       const char *pattern,
                                       const char *string,
                                       void *user_data);

/**
 * What the server's listing says of a file. A number that is not known is -1, a text that is not known NULL; the texts are as
 * the server wrote them. All of it is there until the callback returns.
 */
typedef struct curlback_file_info {
  /**
   * Its name, without the directory.
   */
  const char *name;
  /**
   * CURLBACK_FILE_*.
   */
  int32_t type;
  /**
   * Its size in bytes.
   */
  int64_t size;
  /**
   * Its mode: the nine bits of rwxrwxrwx, and those of setuid, setgid and sticky.
   */
  int64_t permissions;
  /**
   * The number of its user, which no libcurl so far reads.
   */
  int64_t uid;
  /**
   * The number of its group, which no libcurl so far reads.
   */
  int64_t gid;
  /**
   * How many hard links it has.
   */
  int64_t hard_links;
  /**
   * When it was changed.
   */
  const char *time_text;
  /**
   * Its permissions: "rw-r--r--", say.
   */
  const char *permissions_text;
  /**
   * Its user.
   */
  const char *user;
  /**
   * Its group.
   */
  const char *group;
  /**
   * What a symbolic link points to.
   */
  const char *link_target;
} curlback_file_info;

/**
 * A file that matched is about to be downloaded; `remaining` of them are left, this one included. What is no regular file is
 * passed over after the call, whatever it returns.
 *
 * Return CURLBACK_CHUNK_*; any other value counts as CURLBACK_CHUNK_FAIL.
 */
typedef int32_t (*curlback_chunk_begin_cb)(struct curlback_easy *easy,
                                           const struct curlback_file_info *file,
                                           int32_t remaining,
                                           void *user_data);

/**
 * The file that chunk_begin was called for was downloaded or passed over.
 *
 * Return CURLBACK_CHUNK_OK; any other value counts as CURLBACK_CHUNK_FAIL.
 */
typedef int32_t (*curlback_chunk_end_cb)(struct curlback_easy *easy, void *user_data);

/**
 * libcurl asks for an entry: fill `slot` with curlback_hsts_fill() and return CURLBACK_HSTS_OK, to be asked for the next. Return
 * CURLBACK_HSTS_DONE, with the slot left alone, after the last. CURLBACK_HSTS_FAIL and any other value end the transfer
 * with ABORTED_BY_CALLBACK (42), CURLBACK_HSTS_OK without a filled slot with BAD_FUNCTION_ARGUMENT (43).
 */
typedef int32_t (*curlback_hsts_read_cb)(struct curlback_easy *easy,
                                         struct curlback_hsts_slot *slot,
                                         void *user_data);

/**
 * A host that is to be reached over HTTPS alone.
 */
typedef struct curlback_hsts_entry {
  /**
   * Its name, ending with NUL. There until the callback returns.
   */
  const char *host;
  /**
   * The length of the name, without the NUL.
   */
  size_t host_len;
  /**
   * When it expires, in seconds since 1970, UTC; INT64_MAX: never.
   */
  int64_t expire;
  /**
   * Whether the names below it are meant too.
   */
  bool include_subdomains;
} curlback_hsts_entry;

/**
 * Entry number `index`, from 0, of `total` that libcurl's HSTS cache holds. `entry` is there until the callback returns.
 *
 * It runs while the handle closes: of the functions of `easy` only curlback_easy_private() and curlback_easy_raise() can be called,
 * and nobody sees what it raises. Return CURLBACK_HSTS_OK for the next entry; anything else ends it.
 */
typedef int32_t (*curlback_hsts_write_cb)(struct curlback_easy *easy,
                                          const struct curlback_hsts_entry *entry,
                                          size_t index,
                                          size_t total,
                                          void *user_data);

/**
 * How far the transfer is, in bytes; a total that is not known is 0. Called about once a second, and more often while data moves;
 * also where nothing has moved.
 *
 * Return 0 to go on; anything else ends the transfer with ABORTED_BY_CALLBACK (42).
 */
typedef int32_t (*curlback_progress_cb)(struct curlback_easy *easy,
                                        double download_total,
                                        double download_now,
                                        double upload_total,
                                        double upload_now,
                                        void *user_data);

/**
 * As curlback_progress_cb, in whole bytes.
 */
typedef int32_t (*curlback_xferinfo_cb)(struct curlback_easy *easy,
                                        int64_t download_total,
                                        int64_t download_now,
                                        int64_t upload_total,
                                        int64_t upload_now,
                                        void *user_data);

/**
 * A connection is there, and a request is about to be sent over it: from `local_ip` and `local_port` to `primary_ip` and
 * `primary_port`, which are the proxy's where there is one. The addresses are numeric and there until the callback returns; ""
 * and 0 or -1 where there is no connection, as with file://.
 *
 * Return CURLBACK_PREREQ_*; any other value counts as CURLBACK_PREREQ_ABORT.
 */
typedef int32_t (*curlback_prereq_cb)(struct curlback_easy *easy,
                                      const char *primary_ip,
                                      const char *local_ip,
                                      int32_t primary_port,
                                      int32_t local_port,
                                      void *user_data);

/**
 * The body has been sent: add its trailers to `trailers` with curlback_trailers_add(), any number of them.
 *
 * Return CURLBACK_TRAILER_*; any other value counts as CURLBACK_TRAILER_ABORT.
 */
typedef int32_t (*curlback_trailer_cb)(struct curlback_easy *easy,
                                       struct curlback_trailers *trailers,
                                       void *user_data);

/**
 * A name is about to be resolved. Return 0 to go on; anything else ends the transfer with ABORTED_BY_CALLBACK (42), with
 * COULDNT_RESOLVE_HOST (6) up to libcurl 8.14.
 */
typedef int32_t (*curlback_resolver_start_cb)(struct curlback_easy *easy, void *user_data);

/**
 * A socket as the system knows it: a file descriptor on Unix, a SOCKET on Windows.
 */
typedef ptrdiff_t curlback_socket;

/**
 * Where libcurl is about to connect to. All of it is there until the callback returns.
 */
typedef struct curlback_address {
  /**
   * The system's AF_ number.
   */
  int32_t family;
  /**
   * The system's SOCK_ number, on Linux with SOCK_CLOEXEC and SOCK_NONBLOCK in it where libcurl uses them.
   */
  int32_t socktype;
  /**
   * The system's IPPROTO_ number.
   */
  int32_t protocol;
  /**
   * AF_INET, AF_INET6: numeric, ending with NUL. AF_UNIX: the path's bytes, host_len of them, which can begin with a NUL.
   * NULL for any other family.
   */
  const char *host;
  /**
   * The length of `host`, without a NUL at its end.
   */
  size_t host_len;
  /**
   * In host byte order; 0 for AF_UNIX.
   */
  uint16_t port;
  /**
   * AF_INET6; else 0.
   */
  uint32_t flow_info;
  /**
   * AF_INET6; else 0.
   */
  uint32_t scope_id;
  /**
   * The raw struct sockaddr, for connect() and the like.
   */
  const void *sockaddr;
  /**
   * The length of what `sockaddr` points to.
   */
  uint32_t sockaddr_len;
} curlback_address;

/**
 * A socket is needed for `address`; `purpose` is one of CURLBACK_SOCKET_*.
 *
 * Return a socket, which is then the library's; CURLBACK_SOCKET_DEFAULT: open it as libcurl would, so that a callback can be a
 * mere filter of addresses; or CURLBACK_SOCKET_BAD: this address is refused. libcurl then tries the next one; after the last
 * the transfer ends with COULDNT_CONNECT (7). A socket that is connected already needs a sockopt callback that says so.
 */
typedef curlback_socket (*curlback_open_socket_cb)(struct curlback_easy *easy,
                                                   int32_t purpose,
                                                   const struct curlback_address *address,
                                                   void *user_data);

/**
 * `socket` is to be closed, which the callback must do; 0 on success, which libcurl does not look at.
 *
 * Connections that are kept for reuse can outlive their handle: `easy` is NULL once it is gone.
 */
typedef int32_t (*curlback_close_socket_cb)(struct curlback_easy *easy,
                                            curlback_socket socket,
                                            void *user_data);

/**
 * `socket` has been opened and not connected yet; `purpose` is one of CURLBACK_SOCKET_*.
 *
 * Return CURLBACK_SOCKOPT_*; any other value counts as CURLBACK_SOCKOPT_ERROR.
 */
typedef int32_t (*curlback_sockopt_cb)(struct curlback_easy *easy,
                                       curlback_socket socket,
                                       int32_t purpose,
                                       void *user_data);

/**
 * Fill `buffer` with at most `capacity` bytes of what is to be sent and return how many; 0 ends the upload.
 *
 * CURLBACK_PAUSE: nothing for now; called again after unpausing. CURLBACK_ABORT and any other negative value end the transfer
 * with ABORTED_BY_CALLBACK (42), a count above `capacity` with READ_ERROR (26), nothing of it sent. While a resumed FTP upload
 * reads what it throws away, all of these end it with FTP_COULDNT_USE_REST (31), CURLBACK_PAUSE too. The buffer belongs to
 * libcurl and is there until the callback returns.
 */
typedef int64_t (*curlback_read_cb)(struct curlback_easy *easy,
                                    uint8_t *buffer,
                                    size_t capacity,
                                    void *user_data);

/**
 * Move to `offset` bytes from `origin`, one of CURLBACK_ORIGIN_*, within what on_read supplies; libcurl uses CURLBACK_ORIGIN_START.
 *
 * Return CURLBACK_SEEK_*; any other value counts as CURLBACK_SEEK_FAIL.
 */
typedef int32_t (*curlback_seek_cb)(struct curlback_easy *easy,
                                    int64_t offset,
                                    int32_t origin,
                                    void *user_data);

/**
 * Do what `command` says, one of CURLBACK_IOCTL_NOP and CURLBACK_IOCTL_RESTART_READ.
 *
 * Return CURLBACK_IOCTL_OK, _UNKNOWN_COMMAND or _FAIL_RESTART; any other value counts as CURLBACK_IOCTL_FAIL_RESTART.
 */
typedef int32_t (*curlback_ioctl_cb)(struct curlback_easy *easy, int32_t command, void *user_data);

/**
 * A host key. It is there until the callback returns.
 */
typedef struct curlback_ssh_key {
  /**
   * Its `len` bytes, which do not end with NUL unless `base64` is true.
   */
  const uint8_t *key;
  /**
   * How many bytes there are, without the NUL.
   */
  size_t len;
  /**
   * CURLBACK_SSH_KEY_*.
   */
  int32_t type;
  /**
   * Whether they are base64 text rather than the key itself.
   */
  bool base64;
} curlback_ssh_key;

/**
 * Decide on the host key `found`. `known` is the one that the known-hosts file has for the server, NULL where it has none;
 * `match`, one of CURLBACK_SSH_MATCH, _MISMATCH and _MISSING, says how they compare.
 *
 * Return one of CURLBACK_SSH_REJECT, _ACCEPT, _ADD_TO_FILE, _REPLACE and _DEFER; any other value rejects too.
 */
typedef int32_t (*curlback_ssh_key_cb)(struct curlback_easy *easy,
                                       const struct curlback_ssh_key *known,
                                       const struct curlback_ssh_key *found,
                                       int32_t match,
                                       void *user_data);

/**
 * Decide on the host key `found`. Return CURLBACK_SSH_ACCEPT to accept it; any other value rejects: PEER_FAILED_VERIFICATION (60).
 */
typedef int32_t (*curlback_ssh_host_key_cb)(struct curlback_easy *easy,
                                            const struct curlback_ssh_key *found,
                                            void *user_data);

/**
 * A TLS connection is about to be made. `ssl_ctx` is the TLS library's own object: SSL_CTX * with OpenSSL and its relatives,
 * WOLFSSL_CTX * with wolfSSL, mbedtls_ssl_config * with mbedTLS. It is there until the callback returns.
 *
 * Return 0 to go on. Anything else is the CURLcode that the transfer ends with; what is none counts as SSL_CONNECT_ERROR (35).
 */
typedef int32_t (*curlback_ssl_ctx_cb)(struct curlback_easy *easy, void *ssl_ctx, void *user_data);

/**
 * How a transfer went. The strings are copies, which stay until the handle's next perform, reset or close.
 */
typedef struct curlback_error {
  /**
   * What curlback_easy_perform() returned, or the multi handle reported.
   */
  curlback_result result;
  /**
   * libcurl's own result.
   */
  curlback_result curl_code;
  /**
   * The callback that raised, or else whose return ended the transfer: CURLBACK_CALLBACK_*, NONE where neither.
   */
  int32_t callback;
  /**
   * CURLBACK_RAISE_*, from curlback_easy_raise(); 0 where nothing was raised.
   */
  int32_t severity;
  /**
   * The code given to curlback_easy_raise(); 0 where nothing was raised.
   */
  int32_t code;
  /**
   * The system's errno of a transfer that failed, where libcurl knows one; else 0.
   */
  int32_t os_errno;
  /**
   * The message given to curlback_easy_raise(); "" where there was none.
   */
  const char *message;
  /**
   * libcurl's own sentence, or else curlback_strerror()'s; "" after success.
   */
  const char *curl_message;
  /**
   * The payload given to curlback_easy_raise(), still the record's; NULL where there is none or it was taken.
   */
  void *payload;
  /**
   * The handle in whose callback it was raised; NULL where that was one of a multi handle's own.
   */
  struct curlback_easy *easy;
} curlback_error;

/**
 * malloc(): for curlback_init_memory().
 */
typedef void *(*curlback_malloc_cb)(size_t size);

/**
 * free(): for curlback_init_memory().
 */
typedef void (*curlback_free_cb)(void *memory);

/**
 * realloc(): for curlback_init_memory().
 */
typedef void *(*curlback_realloc_cb)(void *memory, size_t size);

/**
 * strdup(): for curlback_init_memory().
 */
typedef char *(*curlback_strdup_cb)(const char *string);

/**
 * calloc(): for curlback_init_memory().
 */
typedef void *(*curlback_calloc_cb)(size_t count, size_t size);

/**
 * Fill `buffer` with at most `capacity` bytes of the part's content and return how many; 0 ends it. Where the part's size is known
 * the capacity is never more than what is left of it.
 *
 * CURLBACK_PAUSE: nothing for now; called again after unpausing. CURLBACK_ABORT and any other negative value end the transfer
 * with ABORTED_BY_CALLBACK (42); a count above `capacity`, and an end before the size is reached, with READ_ERROR (26). The buffer
 * belongs to libcurl and is there until the callback returns. `easy` is the handle that performs: the callback can raise there.
 */
typedef int64_t (*curlback_mime_read_cb)(struct curlback_easy *easy,
                                         uint8_t *buffer,
                                         size_t capacity,
                                         void *user_data);

/**
 * Move to `offset` bytes from `origin`, one of CURLBACK_ORIGIN_*, within what the part's read callback supplies; libcurl goes to
 * the beginning only: 0 from CURLBACK_ORIGIN_START.
 *
 * Return CURLBACK_SEEK_OK; anything else ends the transfer with SEND_FAIL_REWIND (65). `easy` is the handle that performs: the callback
 * can raise there.
 */
typedef int32_t (*curlback_mime_seek_cb)(struct curlback_easy *easy,
                                         int64_t offset,
                                         int32_t origin,
                                         void *user_data);

/**
 * The transfer of `easy` has ended with `result`, which is what curlback_easy_perform() would have returned; curlback_easy_error() says
 * more. The easy handle stays in the multi handle until it is removed or closed.
 *
 * It may add, remove, reset, close and release handles, this one included, but not drive the multi handle.
 */
typedef void (*curlback_done_cb)(struct curlback_multi *multi,
                                 struct curlback_easy *easy,
                                 curlback_result result,
                                 void *user_data);

/**
 * A descriptor to wait for.
 */
typedef struct curlback_wait_fd {
  /**
   * The descriptor.
   */
  curlback_socket socket;
  /**
   * What to wait for: CURLBACK_WAIT_*, or'ed.
   */
  int16_t events;
  /**
   * What there is, after waiting.
   */
  int16_t revents;
} curlback_wait_fd;

/**
 * `notification`, one of CURLBACK_NOTIFY_*, happened, to `easy` or, where that is NULL, to the multi handle.
 *
 * It may add, remove, reset, close and release handles, this one included, but not drive the multi handle.
 */
typedef void (*curlback_multi_notify_cb)(struct curlback_multi *multi,
                                         int32_t notification,
                                         struct curlback_easy *easy,
                                         void *user_data);

/**
 * The server pushes what belongs to the transfer of `parent`: with `count` headers, "name: value" each, which are there until the
 * callback returns. `pushed` is a duplicate of `parent` for it; unless the callback returns CURLBACK_PUSH_OK it is gone then.
 *
 * Return one of CURLBACK_PUSH_*; any other value counts as CURLBACK_PUSH_DENY.
 */
typedef int32_t (*curlback_multi_push_cb)(struct curlback_multi *multi,
                                          struct curlback_easy *parent,
                                          struct curlback_easy *pushed,
                                          const char *const *headers,
                                          size_t count,
                                          void *user_data);

/**
 * The application's loop is to wait for `what`, one of CURLBACK_POLL_*, on `socket`, which is used for `easy`: NULL for the sockets that
 * libcurl has for itself, to wake up by. `socket_data` is what curlback_multi_assign() set for it, or NULL.
 *
 * Return 0. -1 ends every transfer of the multi handle with ABORTED_BY_CALLBACK (42), and the call in progress returns 1011.
 */
typedef int32_t (*curlback_multi_socket_cb)(struct curlback_multi *multi,
                                            struct curlback_easy *easy,
                                            curlback_socket socket,
                                            int32_t what,
                                            void *socket_data,
                                            void *user_data);

/**
 * Arrange one call of curlback_multi_socket_action() with CURLBACK_SOCKET_TIMEOUT in `timeout_ms` milliseconds, in place of what was
 * arranged before; -1 deletes it. With 0 the call may come at once, but not from inside this callback.
 *
 * Return 0. -1 ends every transfer of the multi handle with ABORTED_BY_CALLBACK (42), and the call in progress returns 1011.
 */
typedef int32_t (*curlback_multi_timer_cb)(struct curlback_multi *multi, int64_t timeout_ms, void *user_data);

/**
 * Lock the data `what` of the share and return when that is done: one lock for each kind of data. `what` is one of CURLBACK_SHARE_*, or 1
 * for the share itself; `access` one of CURLBACK_ACCESS_*. `easy` is the handle that libcurl works for; NULL where it is none of
 * the application's.
 *
 * It runs in the midst of libcurl's work, on whatever thread that is: do nothing else with the share and with handles that use it.
 */
typedef void (*curlback_lock_cb)(struct curlback_share *share,
                                 struct curlback_easy *easy,
                                 int32_t what,
                                 int32_t access,
                                 void *user_data);

/**
 * Unlock the data `what` of the share, which this thread has locked. Otherwise as curlback_lock_cb.
 */
typedef void (*curlback_unlock_cb)(struct curlback_share *share,
                                   struct curlback_easy *easy,
                                   int32_t what,
                                   void *user_data);

/**
 * A whole WebSocket message of `len` bytes arrived at `data`, its fragments joined, or a control frame. `flags` is one of
 * CURLBACK_WS_TEXT, BINARY, PING, PONG and CLOSE.
 *
 * `data` belongs to the library and is there until the callback returns; it does not end with NUL. Text is handed over as it came:
 * nobody has checked that it is UTF-8. Control frames that come between the fragments of a message are delivered before it.
 *
 * Return 0 to go on. Anything else ends the transfer with libcurl's WRITE_ERROR (23). curlback_ws_send() and
 * curlback_ws_close() can be called in it; curlback_ws_meta() cannot: a message has no frame of its own. curlback_easy_pause() can: what
 * libcurl has received already is delivered all the same.
 */
typedef int32_t (*curlback_ws_message_cb)(struct curlback_easy *easy,
                                          int32_t flags,
                                          const uint8_t *data,
                                          size_t len,
                                          void *user_data);

/**
 * The WebSocket frame that a chunk of data is of.
 */
typedef struct curlback_ws_frame {
  /**
   * libcurl's version of this, 0 so far.
   */
  int32_t age;
  /**
   * CURLBACK_WS_*. All fragments of a message have its TEXT or BINARY; CONT is missing in the last.
   */
  int32_t flags;
  /**
   * How many bytes of the frame came before this chunk.
   */
  int64_t offset;
  /**
   * How many bytes of the frame are still to come after it.
   */
  int64_t bytes_left;
  /**
   * The length of the chunk.
   */
  size_t len;
} curlback_ws_frame;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * What exactly was wrong with this thread's latest failing call, with libcurl's own words where it gave any.
 *
 * Never NULL; "" where nothing failed yet. Valid until this thread's next call into the library. Inside callbacks it
 * speaks of the calls that the callback itself has made, and those before.
 */
const char *curlback_last_error(void);

/**
 * Whether the callback `kind`, one of CURLBACK_CALLBACK_*, can be used: the linked libcurl has it, and so has this version
 * of curlback.
 *
 * From any thread, also inside callbacks. False for a number that is none.
 */
bool curlback_has_callback(int32_t kind);

/**
 * Calls `callback` with each piece of the body that arrives. A member of the body group: CURLBACK_E_EXCLUSIVE while another
 * member is set. NULL unsets: the body goes to standard output again.
 *
 * Also inside callbacks; replacing takes effect with the next call.
 *
 * Required of the caller:
 * `callback` may be called with `user_data` until `drop` was called.
 */
curlback_result curlback_easy_on_write(struct curlback_easy *easy,
                                       curlback_write_cb callback,
                                       void *user_data,
                                       curlback_drop_cb drop);

/**
 * Calls `callback` with each header line: status lines, the empty line at the end of each response's headers, those of redirects,
 * of 1xx answers and of proxies, and an HTTP body's trailers after it. Each with its CRLF. A member of the header group:
 * CURLBACK_E_EXCLUSIVE while another member is set. NULL unsets: headers go nowhere.
 *
 * Also inside callbacks; replacing takes effect with the next call.
 *
 * Required of the caller:
 * `callback` may be called with `user_data` until `drop` was called.
 */
curlback_result curlback_easy_on_header(struct curlback_easy *easy,
                                        curlback_write_cb callback,
                                        void *user_data,
                                        curlback_drop_cb drop);

/**
 * Calls `callback` with each packet that an RTSP server sends between its answers: RTP or RTCP, with the four bytes before it
 * that begin with "$" and have its channel and length. It cannot be paused: CURLBACK_PAUSE ends the transfer with WRITE_ERROR
 * (23) too. NULL unsets: libcurl gives the packets to where the body goes. CURLBACK_E_UNSUPPORTED where libcurl was built
 * without RTSP.
 *
 * Also inside callbacks; replacing takes effect with the next call.
 *
 * Required of the caller:
 * `callback` may be called with `user_data` until `drop` was called.
 */
curlback_result curlback_easy_on_interleave(struct curlback_easy *easy,
                                            curlback_write_cb callback,
                                            void *user_data,
                                            curlback_drop_cb drop);

/**
 * Calls `callback` with what libcurl does and what goes over the wire. Registering switches the option VERBOSE on and unsetting,
 * with NULL, switches it off, unless VERBOSE was set by curlback_easy_set_int(); curlback_easy_unset() lets it follow again.
 *
 * Also inside callbacks; replacing takes effect with the next call. libcurl calls it in the middle of whatever it does: strings cannot be
 * set in there, as curlback_easy_set_int() says.
 *
 * Required of the caller:
 * `callback` may be called with `user_data` until `drop` was called.
 */
curlback_result curlback_easy_on_debug(struct curlback_easy *easy,
                                       curlback_debug_cb callback,
                                       void *user_data,
                                       curlback_drop_cb drop);

/**
 * Calls `callback` to say which files of a directory the pattern of an ftp:// URL takes, in place of libcurl's own matching. It
 * needs the option WILDCARDMATCH. NULL unsets.
 *
 * CURLBACK_E_UNSUPPORTED where libcurl was built without FTP. Also inside callbacks.
 *
 * Required of the caller:
 * `callback` may be called with `user_data` until `drop` was called.
 */
curlback_result curlback_easy_on_fnmatch(struct curlback_easy *easy,
                                         curlback_fnmatch_cb callback,
                                         void *user_data,
                                         curlback_drop_cb drop);

/**
 * Calls `callback` before each file that an FTP download by wildcard takes. It needs the option WILDCARDMATCH. NULL unsets.
 *
 * CURLBACK_E_UNSUPPORTED where libcurl was built without FTP. Also inside callbacks.
 *
 * Required of the caller:
 * `callback` may be called with `user_data` until `drop` was called.
 */
curlback_result curlback_easy_on_chunk_begin(struct curlback_easy *easy,
                                             curlback_chunk_begin_cb callback,
                                             void *user_data,
                                             curlback_drop_cb drop);

/**
 * Calls `callback` after each file that an FTP download by wildcard takes. Otherwise as curlback_easy_on_chunk_begin().
 *
 * Required of the caller:
 * `callback` may be called with `user_data` until `drop` was called.
 */
curlback_result curlback_easy_on_chunk_end(struct curlback_easy *easy,
                                           curlback_chunk_end_cb callback,
                                           void *user_data,
                                           curlback_drop_cb drop);

/**
 * Calls `callback` for the hosts that are known to be reached over HTTPS alone: at the start of each transfer, and when the handle is
 * duplicated, until it returns CURLBACK_HSTS_DONE. libcurl then turns http:// URLs of these hosts into https:// ones. NULL unsets.
 *
 * Registering on_hsts_read or on_hsts_write switches libcurl's HSTS cache on, as the option HSTS_CTRL does; unsetting both
 * switches it off and empties it, unless HSTS_CTRL was set by curlback_easy_set_int(); curlback_easy_unset() lets it follow
 * again. Before libcurl 8.20 entries that are read again are there twice: return CURLBACK_HSTS_DONE at once from the second transfer
 * on. CURLBACK_E_UNSUPPORTED where libcurl was built without HSTS.
 *
 * Also inside callbacks; replacing takes effect with the next call.
 *
 * Required of the caller:
 * `callback` may be called with `user_data` until `drop` was called.
 */
curlback_result curlback_easy_on_hsts_read(struct curlback_easy *easy,
                                           curlback_hsts_read_cb callback,
                                           void *user_data,
                                           curlback_drop_cb drop);

/**
 * Fills `slot` with a host, `host_len` bytes at `host`, which is copied; `expire` in seconds since 1970, UTC, INT64_MAX for never, which
 * is what a time after the year 9999 becomes. A second call replaces what the first filled in.
 *
 * CURLBACK_E_RANGE for a host that is empty, has a NUL in it or is longer than libcurl takes (2,048 bytes; 256 in older
 * versions). A time in the past is fine: libcurl forgets the entry. Only inside the hsts_read callback that was given `slot`:
 * CURLBACK_E_NOT_IN_CALLBACK on other threads meanwhile, CURLBACK_E_HANDLE once it has returned.
 *
 * Required of the caller:
 * `host` is NULL, which is CURLBACK_E_NULL, or there are `host_len` bytes.
 */
curlback_result curlback_hsts_fill(struct curlback_hsts_slot *slot,
                                   const char *host,
                                   size_t host_len,
                                   int64_t expire,
                                   bool include_subdomains);

/**
 * Calls `callback` for each host in libcurl's HSTS cache while the handle closes: those that on_hsts_read supplied and those
 * whose answers had the header Strict-Transport-Security. NULL unsets. As for HSTS_CTRL and CURLBACK_E_UNSUPPORTED, see
 * curlback_easy_on_hsts_read().
 *
 * Also inside callbacks.
 *
 * Required of the caller:
 * `callback` may be called with `user_data` until `drop` was called.
 */
curlback_result curlback_easy_on_hsts_write(struct curlback_easy *easy,
                                            curlback_hsts_write_cb callback,
                                            void *user_data,
                                            curlback_drop_cb drop);

/**
 * Calls `callback` with how far the transfer is. Deprecated by libcurl in favour of curlback_easy_on_xferinfo(), which is called
 * alone where both are registered. Registering either switches the option NOPROGRESS off, unsetting both, with NULL,
 * switches it on, unless NOPROGRESS was set by curlback_easy_set_int(); curlback_easy_unset() lets it follow again.
 *
 * Also inside callbacks; replacing takes effect with the next call.
 *
 * Required of the caller:
 * `callback` may be called with `user_data` until `drop` was called.
 */
curlback_result curlback_easy_on_progress(struct curlback_easy *easy,
                                          curlback_progress_cb callback,
                                          void *user_data,
                                          curlback_drop_cb drop);

/**
 * Calls `callback` with how far the transfer is, in whole bytes. Otherwise as curlback_easy_on_progress().
 *
 * Required of the caller:
 * `callback` may be called with `user_data` until `drop` was called.
 */
curlback_result curlback_easy_on_xferinfo(struct curlback_easy *easy,
                                          curlback_xferinfo_cb callback,
                                          void *user_data,
                                          curlback_drop_cb drop);

/**
 * Calls `callback` before each request, with the connection that it will go over: on reused connections too, and before each
 * request that a redirect or an authentication makes. NULL unsets.
 *
 * Also inside callbacks; replacing takes effect with the next call.
 *
 * Required of the caller:
 * `callback` may be called with `user_data` until `drop` was called.
 */
curlback_result curlback_easy_on_prereq(struct curlback_easy *easy,
                                        curlback_prereq_cb callback,
                                        void *user_data,
                                        curlback_drop_cb drop);

/**
 * Calls `callback` for the trailers of an upload once its body has been sent. libcurl has trailers for HTTP/1.1 and chunked
 * uploads alone: no size is set, or the header "Transfer-Encoding: chunked" is. Announce them in a header "Trailer: Name" where the
 * server wants that. NULL unsets: no trailers.
 *
 * CURLBACK_E_UNSUPPORTED before libcurl 8.7, which corrupts memory when a handle that has sent trailers uploads again.
 *
 * Also inside callbacks; replacing takes effect with the next call.
 *
 * Required of the caller:
 * `callback` may be called with `user_data` until `drop` was called.
 */
curlback_result curlback_easy_on_trailer(struct curlback_easy *easy,
                                         curlback_trailer_cb callback,
                                         void *user_data,
                                         curlback_drop_cb drop);

/**
 * Adds a trailer, "Name: value", which is copied. CURLBACK_E_RANGE for anything else: a name that HTTP does not allow, no
 * colon with a space after it, a line break.
 *
 * Only inside the trailer callback that was given `trailers`: CURLBACK_E_NOT_IN_CALLBACK on other threads meanwhile,
 * CURLBACK_E_HANDLE once it has returned.
 *
 * Required of the caller:
 * `header` is NULL, which is CURLBACK_E_NULL, or ends with NUL.
 */
curlback_result curlback_trailers_add(struct curlback_trailers *trailers,
                                      const char *header);

/**
 * Calls `callback` before each name resolution, that of a numeric address too, but not where libcurl's DNS cache answers. NULL
 * unsets.
 *
 * Also inside callbacks; replacing takes effect with the next call.
 *
 * Required of the caller:
 * `callback` may be called with `user_data` until `drop` was called.
 */
curlback_result curlback_easy_on_resolver_start(struct curlback_easy *easy,
                                                curlback_resolver_start_cb callback,
                                                void *user_data,
                                                curlback_drop_cb drop);

/**
 * Calls `callback` for each socket that is needed. NULL unsets: libcurl opens them.
 *
 * Also inside callbacks; replacing takes effect with the next call.
 *
 * Required of the caller:
 * `callback` may be called with `user_data` until `drop` was called.
 */
curlback_result curlback_easy_on_open_socket(struct curlback_easy *easy,
                                             curlback_open_socket_cb callback,
                                             void *user_data,
                                             curlback_drop_cb drop);

/**
 * Calls `callback` for each socket that is to be closed, those too that were opened before it was registered. NULL unsets: the
 * library closes them, as it does after curlback_easy_reset() and once a transfer was interrupted.
 *
 * Connections that are kept for reuse can outlive their handle where others share them: the callback that was registered
 * last stays callable then, with NULL for the handle, until the last socket that was opened for this handle is closed, and
 * its user data is dropped then. Also inside callbacks; replacing takes effect with the next call.
 *
 * Required of the caller:
 * `callback` may be called with `user_data` until `drop` was called.
 */
curlback_result curlback_easy_on_close_socket(struct curlback_easy *easy,
                                              curlback_close_socket_cb callback,
                                              void *user_data,
                                              curlback_drop_cb drop);

/**
 * Calls `callback` for each socket that was opened, before it is connected. NULL unsets.
 *
 * Also inside callbacks; replacing takes effect with the next call.
 *
 * Required of the caller:
 * `callback` may be called with `user_data` until `drop` was called.
 */
curlback_result curlback_easy_on_sockopt(struct curlback_easy *easy,
                                         curlback_sockopt_cb callback,
                                         void *user_data,
                                         curlback_drop_cb drop);

/**
 * Calls `callback` for what is to be sent. A member of the source group: CURLBACK_E_EXCLUSIVE while another member is set. NULL
 * unsets: libcurl reads standard input.
 *
 * It does not switch uploading on: set UPLOAD or POST, and INFILESIZE_LARGE or POSTFIELDSIZE_LARGE where the length is known.
 * Register curlback_easy_on_seek() too where a redirect or an authentication may need the body again. Also inside callbacks;
 * replacing takes effect with the next call.
 *
 * Required of the caller:
 * `callback` may be called with `user_data` until `drop` was called.
 */
curlback_result curlback_easy_on_read(struct curlback_easy *easy,
                                      curlback_read_cb callback,
                                      void *user_data,
                                      curlback_drop_cb drop);

/**
 * Calls `callback` when what on_read supplies must be sent again, or from further on: after a redirect with 307 or 308, in
 * the rounds of an authentication, when a reused connection turned out dead, for a resumed upload. NULL unsets. A
 * source other than on_read seeks by itself while none is registered.
 *
 * Also inside callbacks; replacing takes effect with the next call.
 *
 * Required of the caller:
 * `callback` may be called with `user_data` until `drop` was called.
 */
curlback_result curlback_easy_on_seek(struct curlback_easy *easy,
                                      curlback_seek_cb callback,
                                      void *user_data,
                                      curlback_drop_cb drop);

/**
 * Calls `callback` when what on_read supplies must be sent again from its beginning. NULL unsets. libcurl has deprecated it in
 * favour of curlback_easy_on_seek(), and does not call it where there is something to seek with: an on_seek callback, or a
 * source other than on_read.
 *
 * Also inside callbacks; replacing takes effect with the next call.
 *
 * Required of the caller:
 * `callback` may be called with `user_data` until `drop` was called.
 */
curlback_result curlback_easy_on_ioctl(struct curlback_easy *easy,
                                       curlback_ioctl_cb callback,
                                       void *user_data,
                                       curlback_drop_cb drop);

/**
 * Calls `callback` to decide on the host key of an SSH server, whatever the known-hosts file says of it. It needs the option
 * SSH_KNOWNHOSTS, the name of that file: without it libcurl neither asks nor looks, and accepts every key. NULL unsets: then
 * only a key that the file has is accepted.
 *
 * CURLBACK_E_UNSUPPORTED where libcurl was built without SSH. Also inside callbacks.
 *
 * Required of the caller:
 * `callback` may be called with `user_data` until `drop` was called.
 */
curlback_result curlback_easy_on_ssh_key(struct curlback_easy *easy,
                                         curlback_ssh_key_cb callback,
                                         void *user_data,
                                         curlback_drop_cb drop);

/**
 * Calls `callback` to decide on the host key of an SSH server, in place of the known-hosts file: that is not looked at, and an
 * ssh_key callback is not called. The options SSH_HOST_PUBLIC_KEY_MD5 and SSH_HOST_PUBLIC_KEY_SHA256, where they are set, decide
 * instead of it. NULL unsets.
 *
 * CURLBACK_E_UNSUPPORTED where libcurl was built without SSH, or with another SSH library than libssh2. Also inside callbacks.
 *
 * Required of the caller:
 * `callback` may be called with `user_data` until `drop` was called.
 */
curlback_result curlback_easy_on_ssh_host_key(struct curlback_easy *easy,
                                              curlback_ssh_host_key_cb callback,
                                              void *user_data,
                                              curlback_drop_cb drop);

/**
 * Calls `callback` before each new TLS connection, after libcurl has set the connection up as the options say. What the callback
 * changes in the TLS library's object replaces that. NULL unsets. CURLBACK_E_UNSUPPORTED where libcurl's TLS library is not
 * OpenSSL or one of its relatives, wolfSSL or mbedTLS.
 *
 * Also inside callbacks; replacing takes effect with the next call. A connection that is reused was set up before: libcurl does
 * not look at what a callback did to it.
 *
 * Required of the caller:
 * `callback` may be called with `user_data` until `drop` was called.
 */
curlback_result curlback_easy_on_ssl_ctx(struct curlback_easy *easy,
                                         curlback_ssl_ctx_cb callback,
                                         void *user_data,
                                         curlback_drop_cb drop);

/**
 * A new handle, with libcurl's default options but for these: NOSIGNAL is on; VERBOSE and NOPROGRESS follow the callbacks that
 * are registered; CAINFO and CAPATH name the system's certificate authorities where the linked libcurl knows of none.
 *
 * NULL on failure, which curlback_last_error() explains. Free it with curlback_easy_close() or curlback_easy_release(). From any
 * thread, also inside callbacks. The first use of the library initialises it, as curlback_init() does.
 */
struct curlback_easy *curlback_easy_new(void);

/**
 * Closes the handle: its connections end, and all user data it holds is dropped before the call returns. NULL is
 * CURLBACK_OK.
 *
 * From any thread. Where another thread drives the multi handle that it was in last, what is libcurl's own is freed by that thread, soon.
 * CURLBACK_E_IN_CALLBACK from inside a callback of this handle, CURLBACK_E_BUSY while another thread is at work on it: it then stays open. Callbacks that libcurl calls while the handle closes still get it, but of its functions only
 * curlback_easy_private() and curlback_easy_raise() can be called.
 */
curlback_result curlback_easy_close(struct curlback_easy *easy);

/**
 * Gives the handle up: for finalizers. Never fails, from any thread, at any time, also inside callbacks and drop functions; NULL
 * and handles that are gone already are ignored. The handle is gone at once for its callers. What is behind it is closed
 * before the call returns if nothing runs on it, else by the thread that runs it, as soon as that is done.
 */
void curlback_easy_release(struct curlback_easy *easy);

/**
 * Sets options, callbacks, destinations and sources back to those of a new handle; their user data is dropped. Private data,
 * connections, cookies and caches stay.
 *
 * CURLBACK_E_IN_CALLBACK from inside a callback of this handle; CURLBACK_E_IN_USE while its transfer in a multi handle is under way.
 */
curlback_result curlback_easy_reset(struct curlback_easy *easy);

/**
 * Makes in `copy` a new handle with the same options, callbacks, destinations and sources: memory that a body is collected in
 * starts empty, a source in memory at its beginning. Private data is not copied. User data is shared: it is dropped when the
 * last of the handles lets go of it.
 *
 * Also inside callbacks. The copy is the caller's, to be freed by curlback_easy_close() or curlback_easy_release().
 *
 * Required of the caller:
 * `copy` is NULL or can be written to.
 */
curlback_result curlback_easy_duplicate(struct curlback_easy *easy,
                                        struct curlback_easy **copy);

/**
 * Keeps a pointer of the application's own with the handle, for curlback_easy_private(). What was there is dropped. NULL
 * for `user_data` keeps none, and `drop` is then not called.
 *
 * Also inside callbacks. reset keeps it, duplicate does not copy it.
 *
 * Required of the caller:
 * `drop` may be called with `user_data`.
 */
curlback_result curlback_easy_set_private(struct curlback_easy *easy,
                                          void *user_data,
                                          curlback_drop_cb drop);

/**
 * The pointer that curlback_easy_set_private() keeps; NULL where there is none, and where it is refused:
 * curlback_last_error() says why. Also inside callbacks, those too that run while the handle closes.
 */
void *curlback_easy_private(struct curlback_easy *easy);

/**
 * The CURL pointer underneath, for what this interface lacks; NULL where it is refused. It belongs to the handle. Its callbacks and
 * their data pointers, ERRORBUFFER and PRIVATE are the library's: leave them alone, do not perform, reset or close it, and use
 * it only where a function that sets options might be called.
 */
void *curlback_easy_curl(struct curlback_easy *easy);

/**
 * Collects the body that arrives, and calls on_write with `max_bytes` of it at a time: fewer calls, for bindings to which each costs
 * much. Nothing waits for that: whatever was collected is handed over before the thread waits for the network, before each header that
 * comes after it, and at the end. 0 switches it off, as it is by default.
 *
 * Pausing, failing and raising in on_write work as ever; once all has arrived libcurl's limits of time do not hold any more for a
 * transfer that is paused. WebSocket frames and the files of an FTP wildcard download
 * (curlback_easy_on_chunk_begin(), _end()) are not collected, nor is what goes elsewhere than to on_write. Memory for `max_bytes` is
 * kept with the handle. From the next transfer on libcurl receives up to as much at a time, at most 256 KiB, unless the option
 * BUFFERSIZE is set.
 *
 * Also inside callbacks. reset switches it off, duplicate copies it.
 */
curlback_result curlback_easy_batch_body(struct curlback_easy *easy,
                                         size_t max_bytes);

/**
 * From inside a callback of this handle: records why it fails, or interrupts the transfer. CURLBACK_E_NOT_IN_CALLBACK anywhere else,
 * CURLBACK_E_RANGE for a severity that is none of CURLBACK_RAISE_*.
 *
 * With CURLBACK_RAISE_ERROR the callback should then return a failing value. With CURLBACK_RAISE_INTERRUPT its return does not matter:
 * perform returns CURLBACK_E_RAISED, and no further callback of this transfer runs. The first record of a transfer
 * stands, except that an interrupt replaces an error; one that does not stand is CURLBACK_OK.
 *
 * `message` is copied and may be NULL. `payload` is the application's, an exception object say, and may be NULL: curlback_easy_error()
 * shows it, curlback_easy_take_payload() hands it over; unless taken, `drop` is called with it at the next perform, reset or
 * close, and at once where the record does not stand or is replaced. Where the call fails the caller keeps it.
 *
 * Required of the caller:
 * `message` is NULL or ends with NUL; `drop` may be called with `payload`.
 */
curlback_result curlback_easy_raise(struct curlback_easy *easy,
                                    int32_t severity,
                                    int32_t code,
                                    const char *message,
                                    void *payload,
                                    curlback_drop_cb drop);

/**
 * How the last transfer went, in `error`; all is 0, NULL or "" before the first one and after reset. The raised part is there
 * whenever something was raised since the transfer began, also where it succeeded all the same. Inside a callback it shows
 * what was raised so far.
 *
 * Required of the caller:
 * `error` is NULL or can be written to.
 */
curlback_result curlback_easy_error(struct curlback_easy *easy,
                                    struct curlback_error *error);

/**
 * Hands the payload of the last transfer's record over to the caller: its drop function is then never called. NULL if there is
 * none, or it was taken before.
 */
void *curlback_easy_take_payload(struct curlback_easy *easy);

/**
 * The number of an info by its name: "RESPONSE_CODE", "CURLINFO_RESPONSE_CODE", in any case; 0 if unknown.
 *
 * From any thread, also inside callbacks. NULL is 0.
 *
 * Required of the caller:
 * `name` is NULL or ends with NUL.
 */
int32_t curlback_info_id(const char *name);

/**
 * The name of an info by its number, "RESPONSE_CODE"; NULL if unknown. Static.
 *
 * From any thread, also inside callbacks.
 */
const char *curlback_info_name(int32_t info);

/**
 * An info that is a number, in `value`: CURLBACK_INFO_*, of the types long, off_t and socket (-1: there is none).
 *
 * CURLBACK_E_OPTION where there is no such info, CURLBACK_E_TYPE where it is something else, CURLBACK_E_UNSUPPORTED where the
 * linked libcurl lacks it. Also inside callbacks, where it speaks of the transfer so far.
 *
 * Required of the caller:
 * `value` is NULL or can be written to.
 */
curlback_result curlback_easy_get_int(struct curlback_easy *easy,
                                      int32_t info,
                                      int64_t *value);

/**
 * An info that is a double, in `value`: seconds, bytes or bytes a second. Otherwise as curlback_easy_get_int().
 *
 * Required of the caller:
 * `value` is NULL or can be written to.
 */
curlback_result curlback_easy_get_double(struct curlback_easy *easy,
                                         int32_t info,
                                         double *value);

/**
 * An info that is a string, in `value`; NULL where libcurl has none. It is a copy that belongs to the library and stays until the
 * next curlback_easy_get_str() of the same info, perform, reset or close. Otherwise as curlback_easy_get_int().
 *
 * Required of the caller:
 * `value` is NULL or can be written to.
 */
curlback_result curlback_easy_get_str(struct curlback_easy *easy,
                                      int32_t info,
                                      const char **value);

/**
 * An info that is a list of strings, in `value`: COOKIELIST, SSL_ENGINES. The list is the caller's, to be freed by
 * curlback_list_free(); it is empty where libcurl has none. Otherwise as curlback_easy_get_int().
 *
 * Required of the caller:
 * `value` is NULL or can be written to.
 */
curlback_result curlback_easy_get_list(struct curlback_easy *easy,
                                       int32_t info,
                                       struct curlback_list **value);

/**
 * The fields ("Subject:...") of the server's certificate number `index`, from 0, in `fields`, after a transfer with the option
 * CERTINFO; CURLBACK_E_RANGE past the last. The list is the caller's, to be freed by curlback_list_free(). Otherwise as
 * curlback_easy_get_int().
 *
 * Required of the caller:
 * `fields` is NULL or can be written to.
 */
curlback_result curlback_easy_get_cert(struct curlback_easy *easy,
                                       size_t index,
                                       struct curlback_list **fields);

/**
 * The number of an option by its name: "URL", "CURLOPT_URL", in any case; its older names too. 0 where neither this library nor the
 * linked libcurl knows it.
 *
 * From any thread, also inside callbacks. NULL is 0.
 *
 * Required of the caller:
 * `name` is NULL or ends with NUL.
 */
int32_t curlback_option_id(const char *name);

/**
 * The name of an option by its number, "URL"; NULL where neither this library nor the linked libcurl knows it. Static.
 *
 * From any thread, also inside callbacks.
 */
const char *curlback_option_name(int32_t option);

/**
 * Sets an option that takes a number: CURLBACK_OPT_*, of the types long, values and off_t.
 *
 * CURLBACK_E_OPTION where there is no such option or its own function sets it, CURLBACK_E_TYPE where it takes something else,
 * CURLBACK_E_RANGE where libcurl refuses the value, CURLBACK_E_UNSUPPORTED where the linked libcurl lacks it; or libcurl's
 * CURLcode. Also inside callbacks: libcurl then uses it where it looks at it again. But where libcurl may be using what it would
 * free the answer is CURLBACK_E_IN_CALLBACK: strings, blobs, ALTSVC_CTRL and HSTS_CTRL inside on_debug and on_hsts_read, which are called in
 * the middle of anything, and CUSTOMREQUEST inside on_read, on_seek, on_ioctl and the callbacks of a mime part.
 */
curlback_result curlback_easy_set_int(struct curlback_easy *easy,
                                      int32_t option,
                                      int64_t value);

/**
 * Sets an option that takes a string, which is copied; NULL unsets it. Otherwise as curlback_easy_set_int().
 *
 * Required of the caller:
 * `value` is NULL or ends with NUL.
 */
curlback_result curlback_easy_set_str(struct curlback_easy *easy, int32_t option, const char *value);

/**
 * Sets an option that takes a list of strings, `count` of them at `items`; they are copied. A `count` of 0 unsets it. Otherwise as
 * curlback_easy_set_int(). What it replaces during a transfer stays in memory until that has ended.
 *
 * Required of the caller:
 * There are `count` pointers at `items`, each NULL, which is CURLBACK_E_NULL, or to a string that ends with NUL.
 */
curlback_result curlback_easy_set_list(struct curlback_easy *easy,
                                       int32_t option,
                                       const char *const *items,
                                       size_t count);

/**
 * Sets an option of the type blob, or CURLBACK_OPT_POSTFIELDS, to `len` bytes at `data`, which are copied. POSTFIELDS sets
 * POSTFIELDSIZE_LARGE too, and makes the request a POST. NULL is CURLBACK_E_NULL unless `len` is 0; curlback_easy_unset() unsets.
 * Otherwise as curlback_easy_set_int(). What it replaces during a transfer stays in memory until that has ended.
 *
 * Required of the caller:
 * There are `len` bytes at `data`.
 */
curlback_result curlback_easy_set_bytes(struct curlback_easy *easy,
                                        int32_t option,
                                        const void *data,
                                        size_t len);

/**
 * Unsets an option that takes a string, a list or bytes; VERBOSE, NOPROGRESS and HSTS_CTRL follow the registered callbacks again.
 * CURLBACK_E_TYPE for any other number, which can only be set to another. Otherwise as curlback_easy_set_int(). After
 * POSTFIELDS the request stays a POST until HTTPGET, UPLOAD or the like is set.
 */
curlback_result curlback_easy_unset(struct curlback_easy *easy,
                                    int32_t option);

/**
 * Performs the transfer that the options describe, and returns when it has ended. What the callbacks collected or raised, and
 * connections, stay for later; curlback_easy_error() says how it went.
 *
 * Returns CURLBACK_OK; libcurl's CURLcode; CURLBACK_E_RAISED when a callback interrupted it; CURLBACK_E_CANCELLED after
 * curlback_easy_cancel(); CURLBACK_E_LIMIT when more arrived than memory was to collect. CURLBACK_E_IN_CALLBACK from inside a callback of
 * this handle; a transfer of another handle can be performed there.
 */
curlback_result curlback_easy_perform(struct curlback_easy *easy);

/**
 * Ends the running transfer with CURLBACK_E_CANCELLED, however little of it was left; no further callback of it runs. CURLBACK_OK
 * where nothing runs. From any thread, also inside callbacks; it does not wait for the transfer to end, which takes at most
 * some milliseconds unless a callback or the system's resolver is slow.
 *
 * In a multi handle that nothing runs on it is done before the call returns, on_done included, where the calling thread is the
 * one that last drove it; else with the next call that drives it, and curlback_multi_poll() is woken.
 */
curlback_result curlback_easy_cancel(struct curlback_easy *easy);

/**
 * Pauses the directions of the running transfer that `mask` names, one of CURLBACK_PAUSE_*, and lets the others go on.
 * CURLBACK_E_RANGE for any other mask, CURLBACK_OK where nothing runs.
 *
 * From any thread, also inside callbacks. Called on the thread that runs the transfer it takes effect at once, and unpausing can run
 * callbacks before it returns: CURLBACK_E_RAISED if one interrupts. Called on another the running thread carries it out soon.
 */
curlback_result curlback_easy_pause(struct curlback_easy *easy,
                                    int32_t mask);

/**
 * Sends up to `len` bytes at `data` over the connection of a handle that has performed with the option CONNECT_ONLY; how many were
 * taken, in `sent`. It does not wait: AGAIN (81) where none was, to be called again once the socket, which is the info
 * ACTIVESOCKET, can be written to. Over TLS the bytes are encrypted.
 *
 * `*sent` is always written. SEND_ERROR (55) where the connection is broken, CURLBACK_E_ABSENT where there is none,
 * CURLBACK_E_IN_CALLBACK inside a callback of the handle. `data` may be NULL where `len` is 0.
 *
 * Required of the caller:
 * There are `len` bytes at `data`; `sent` is NULL or can be written to.
 */
curlback_result curlback_easy_send(struct curlback_easy *easy,
                                   const void *data,
                                   size_t len,
                                   size_t *sent);

/**
 * Receives up to `capacity` bytes to `buffer` over the connection of a handle that has performed with the option CONNECT_ONLY; how
 * many, in `received`. It does not wait: AGAIN (81) where nothing is there, to be called again once the socket, which is the
 * info ACTIVESOCKET, can be read; TLS may hold bytes that have left the socket, so receive until AGAIN before waiting. 0 bytes
 * with CURLBACK_OK: the peer has closed the connection.
 *
 * `*received` is always written. RECV_ERROR (56) where the connection is broken, CURLBACK_E_ABSENT where there is none,
 * CURLBACK_E_IN_CALLBACK inside a callback of the handle. `buffer` may be NULL where `capacity` is 0.
 *
 * Required of the caller:
 * `capacity` bytes can be written at `buffer`; `received` is NULL or can be written to.
 */
curlback_result curlback_easy_recv(struct curlback_easy *easy,
                                   void *buffer,
                                   size_t capacity,
                                   size_t *received);

/**
 * Writes the body to `file`, which stays the caller's: keep it open until it is unset or the handle closed, and flush it before
 * reading it another way. A member of the body group: CURLBACK_E_EXCLUSIVE while another member is set. NULL unsets.
 *
 * Where writing fails the transfer ends with WRITE_ERROR (23), and curlback_last_error() has the system's reason.
 *
 * Required of the caller:
 * `file` is NULL or an open stream, for as long as it is set.
 */
curlback_result curlback_easy_body_to_file(struct curlback_easy *easy,
                                           FILE *file);

/**
 * Writes the body to the descriptor `fd`, which stays the caller's. Otherwise as curlback_easy_body_to_file(); -1 unsets, a
 * number below that is CURLBACK_E_RANGE. A descriptor that does not block is waited for.
 */
curlback_result curlback_easy_body_to_fd(struct curlback_easy *easy,
                                         int fd);

/**
 * Collects the body in memory, up to `limit` bytes: curlback_easy_body() gives it out. A body that is longer ends the transfer with
 * CURLBACK_E_LIMIT, what came until then kept. Every perform starts anew. A member of the body group:
 * CURLBACK_E_EXCLUSIVE while another member is set. 0 unsets.
 */
curlback_result curlback_easy_body_to_memory(struct curlback_easy *easy,
                                             size_t limit);

/**
 * Writes the header lines to `file`: otherwise as curlback_easy_body_to_file(), in the header group.
 *
 * Required of the caller:
 * `file` is NULL or an open stream, for as long as it is set.
 */
curlback_result curlback_easy_header_to_file(struct curlback_easy *easy, FILE *file);

/**
 * Writes the header lines to the descriptor `fd`: otherwise as curlback_easy_body_to_fd(), in the header group.
 */
curlback_result curlback_easy_header_to_fd(struct curlback_easy *easy,
                                           int fd);

/**
 * Collects the header lines in memory, up to `limit` bytes: curlback_easy_header() gives them out. Otherwise as
 * curlback_easy_body_to_memory(), in the header group.
 */
curlback_result curlback_easy_header_to_memory(struct curlback_easy *easy,
                                               size_t limit);

/**
 * Unsets whatever member of the body group is set: the body goes to standard output again. CURLBACK_OK also where none is.
 */
curlback_result curlback_easy_clear_body(struct curlback_easy *easy);

/**
 * Unsets whatever member of the header group is set: headers go nowhere. CURLBACK_OK also where none is.
 */
curlback_result curlback_easy_clear_header(struct curlback_easy *easy);

/**
 * What the last transfer collected with curlback_easy_body_to_memory(), in `data` and `len`; CURLBACK_E_ABSENT if it collected
 * nothing that way. It belongs to the library and stays until the next perform, reset or close; taken inside a callback,
 * until that returns.
 *
 * Required of the caller:
 * `data` and `len` are NULL or can be written to.
 */
curlback_result curlback_easy_body(struct curlback_easy *easy,
                                   const uint8_t **data,
                                   size_t *len);

/**
 * What the last transfer collected with curlback_easy_header_to_memory(): otherwise as curlback_easy_body().
 *
 * Required of the caller:
 * `data` and `len` are NULL or can be written to.
 */
curlback_result curlback_easy_header(struct curlback_easy *easy, const uint8_t **data, size_t *len);

/**
 * Sends what is read from `file`, which stays the caller's: keep it open until it is unset or the handle closed. Sending starts
 * where the file stands; a rewind seeks to its beginning. A member of the source group: CURLBACK_E_EXCLUSIVE while another
 * member is set. NULL unsets: libcurl reads standard input.
 *
 * It does not switch uploading on: set UPLOAD or POST, and INFILESIZE_LARGE or POSTFIELDSIZE_LARGE where the length is known.
 * Where reading fails the transfer ends with READ_ERROR (26), and curlback_last_error() has the system's reason.
 *
 * Required of the caller:
 * `file` is NULL or an open stream, for as long as it is set.
 */
curlback_result curlback_easy_read_from_file(struct curlback_easy *easy,
                                             FILE *file);

/**
 * Sends what is read from the descriptor `fd`, which stays the caller's. Otherwise as curlback_easy_read_from_file(); -1 unsets,
 * a number below that is CURLBACK_E_RANGE. A descriptor that does not block is waited for.
 */
curlback_result curlback_easy_read_from_fd(struct curlback_easy *easy,
                                           int fd);

/**
 * Sends `len` bytes at `data`, which are copied before the call returns; every perform starts at their beginning, and libcurl
 * can rewind them. Otherwise as curlback_easy_read_from_file(). `data` NULL with a `len` of 0 unsets, with another it is
 * CURLBACK_E_NULL; `len` 0 with `data` that is not NULL sends an empty body.
 *
 * Required of the caller:
 * There are `len` bytes at `data`.
 */
curlback_result curlback_easy_read_from_memory(struct curlback_easy *easy,
                                               const void *data,
                                               size_t len);

/**
 * Unsets whatever member of the source group is set: libcurl reads standard input. CURLBACK_OK also where none is.
 */
curlback_result curlback_easy_clear_source(struct curlback_easy *easy);

/**
 * This library's version, "1.2.3". Static; from any thread, also inside callbacks.
 */
const char *curlback_version(void);

/**
 * This library's version as a number, 0x010203 for "1.2.3". From any thread, also inside callbacks.
 */
uint32_t curlback_version_number(void);

/**
 * The linked libcurl's own line, "libcurl/8.22.0 OpenSSL/3.0.19 ...". Static; from any thread, also inside callbacks.
 */
const char *curlback_libcurl_version(void);

/**
 * The linked libcurl's version as a number, 0x081600 for 8.22.0. From any thread, also inside callbacks.
 */
uint32_t curlback_libcurl_version_number(void);

/**
 * How libcurl was linked: "system", the one found on the system; "bundled", compiled with this library; "full", the same with
 * every protocol. Static; from any thread, also inside callbacks.
 */
const char *curlback_libcurl_linkage(void);

/**
 * Whether the linked libcurl speaks the protocol `name`: "https", "wss", "sftp", in any case.
 *
 * From any thread, also inside callbacks. False for NULL.
 *
 * Required of the caller:
 * `name` is NULL or ends with NUL.
 */
bool curlback_has_protocol(const char *name);

/**
 * Whether the linked libcurl was built with the feature `name`, by libcurl's names: "HSTS", "HTTP2", "SSL", in any case.
 *
 * From any thread, also inside callbacks. False for NULL.
 *
 * Required of the caller:
 * `name` is NULL or ends with NUL.
 */
bool curlback_has_feature(const char *name);

/**
 * Protocol number `index`, from 0, of the linked libcurl; NULL past the last. Static; from any thread, also inside callbacks.
 */
const char *curlback_protocol_name(size_t index);

/**
 * Feature number `index`, from 0, of the linked libcurl; NULL past the last. Static; from any thread, also inside callbacks.
 */
const char *curlback_feature_name(size_t index);

/**
 * How many handles of all kinds are live: 0 in a program that closed all that it opened. From any thread, also inside
 * callbacks. A handle that was released while it was running counts until it is closed.
 */
size_t curlback_live_handles(void);

/**
 * Initialises the library, libcurl with it. Optional: the first handle does it. CURLBACK_E_UNSUPPORTED where the linked libcurl is
 * older than 7.88; any further call is CURLBACK_OK. From any thread, several at once too.
 */
curlback_result curlback_init(void);

/**
 * Initialises the library and makes libcurl use these functions for its memory, on every thread; this library's own memory is not
 * affected. Only before any handle was made and before curlback_init(): CURLBACK_E_BUSY afterwards. All five are needed:
 * CURLBACK_E_NULL.
 *
 * Required of the caller:
 * The functions do what C's functions of those names do, on any thread, and stay callable until the process ends.
 */
curlback_result curlback_init_memory(curlback_malloc_cb on_malloc,
                                     curlback_free_cb on_free,
                                     curlback_realloc_cb on_realloc,
                                     curlback_strdup_cb on_strdup,
                                     curlback_calloc_cb on_calloc);

/**
 * How many strings are in the list; 0 where it is none.
 *
 * From any thread, also inside callbacks.
 */
size_t curlback_list_len(const struct curlback_list *list);

/**
 * String number `index` of the list, from 0; NULL past the end, and where it is none. It stays until the list is freed.
 *
 * From any thread, also inside callbacks.
 */
const char *curlback_list_get(const struct curlback_list *list,
                              size_t index);

/**
 * Frees the list and its strings. NULL and a list that is freed already are ignored.
 *
 * From any thread, also inside callbacks.
 */
void curlback_list_free(struct curlback_list *list);

/**
 * A new mime, without parts: curlback_mime_add(). `easy` must be a live handle; which one does not matter: any can send it, and several.
 *
 * NULL on failure, which curlback_last_error() explains. Free it with curlback_mime_close() or curlback_mime_release(), unless
 * curlback_mime_part_subparts() takes it over. Also inside callbacks.
 */
struct curlback_mime *curlback_mime_new(struct curlback_easy *easy);

/**
 * Closes the mime, its parts and the mimes that are parts of it: their user data is dropped before the call returns. NULL is
 * CURLBACK_OK.
 *
 * CURLBACK_E_IN_USE while it is set on a handle, sent by one, or part of another mime: it then stays open. From any thread, also
 * inside callbacks.
 */
curlback_result curlback_mime_close(struct curlback_mime *mime);

/**
 * Gives the mime up: for finalizers. Never fails, from any thread, at any time, also inside callbacks and drop functions; NULL and
 * handles that are gone already are ignored. The handles of the mime and of its parts are gone at once for their callers. What
 * they stand for is dropped as soon as no handle has it set or sends it and no other mime has it for a part.
 */
void curlback_mime_release(struct curlback_mime *mime);

/**
 * Appends a part without name and content, which belongs to the mime. Parts are sent in the order they were added in.
 *
 * NULL on failure, which curlback_last_error() explains: while the mime is being sent, too. Also inside callbacks.
 */
struct curlback_mime_part *curlback_mime_add(struct curlback_mime *mime);

/**
 * Makes what `read` supplies the part's content, in place of what it had. `size` says how many bytes will come; with -1, unknown, the
 * body has no length: HTTP/1.1 sends it in chunks. `read` NULL leaves the part without content; `seek`, `user_data` and `drop` are
 * then ignored.
 *
 * `seek` is called when the content must be sent again: after a redirect with 307 or 308, in the rounds of an authentication, and
 * at the start of every later transfer that sends the part, on whatever handle. It may be NULL: such a transfer ends with
 * SEND_FAIL_REWIND (65). Handles that have the same mime, duplicates say, share the user data; `drop` is called when the part
 * gets another content or its mime is gone, and no handle has it any more.
 *
 * CURLBACK_E_RANGE for a `size` below -1; CURLBACK_E_BUSY while the mime is being sent. Also inside callbacks.
 *
 * Required of the caller:
 * `read` and `seek` may be called with `user_data` until `drop` was called, on the threads that perform.
 */
curlback_result curlback_mime_part_callbacks(struct curlback_mime_part *part,
                                             int64_t size,
                                             curlback_mime_read_cb read,
                                             curlback_mime_seek_cb seek,
                                             void *user_data,
                                             curlback_drop_cb drop);

/**
 * Names the part, as a form names its fields. NULL: it has no name. The string is copied.
 *
 * CURLBACK_E_BUSY while the mime is being sent. From any thread, also inside callbacks.
 *
 * Required of the caller:
 * `name` is NULL or ends with NUL.
 */
curlback_result curlback_mime_part_name(struct curlback_mime_part *part, const char *name);

/**
 * Gives the part the file name that the server is told. NULL: it is told none. curlback_mime_part_file() sets it too. Otherwise as
 * curlback_mime_part_name().
 *
 * Required of the caller:
 * `filename` is NULL or ends with NUL.
 */
curlback_result curlback_mime_part_filename(struct curlback_mime_part *part,
                                            const char *filename);

/**
 * Sets the part's Content-Type. NULL: libcurl finds one by the file name, or sends none. Otherwise as curlback_mime_part_name().
 *
 * Required of the caller:
 * `mime_type` is NULL or ends with NUL.
 */
curlback_result curlback_mime_part_type(struct curlback_mime_part *part,
                                        const char *mime_type);

/**
 * Sets how the part's content is encoded: "binary", "8bit", "7bit", "base64" or "quoted-printable", in any case. NULL: not at all.
 * CURLBACK_E_RANGE for anything else. With "7bit" a content that has other bytes ends the transfer with READ_ERROR (26).
 * Otherwise as curlback_mime_part_name().
 *
 * Required of the caller:
 * `encoding` is NULL or ends with NUL.
 */
curlback_result curlback_mime_part_encoder(struct curlback_mime_part *part,
                                           const char *encoding);

/**
 * Sets header lines of the part's own, `count` of them at `items`, each "Name: value"; they are copied. A `count` of 0: none. Where
 * one is Content-Disposition or Content-Transfer-Encoding libcurl makes none by itself; curlback_mime_part_type() comes before
 * a Content-Type here. Otherwise as curlback_mime_part_name().
 *
 * Required of the caller:
 * There are `count` pointers at `items`, each NULL, which is CURLBACK_E_NULL, or to a string that ends with NUL.
 */
curlback_result curlback_mime_part_headers(struct curlback_mime_part *part,
                                           const char *const *items,
                                           size_t count);

/**
 * Makes `len` bytes at `data`, which are copied, the part's content, in place of what it had. `data` NULL with a `len` of 0 leaves the
 * part without content, with another it is CURLBACK_E_NULL.
 *
 * CURLBACK_E_BUSY while the mime is being sent. From any thread, also inside callbacks.
 *
 * Required of the caller:
 * There are `len` bytes at `data`.
 */
curlback_result curlback_mime_part_data(struct curlback_mime_part *part,
                                        const void *data,
                                        size_t len);

/**
 * Makes the file at `path` the part's content, in place of what it had, and the last component of the path its file name:
 * curlback_mime_part_filename() can change that afterwards. The file is opened when it is sent, and may change until then. NULL
 * leaves the part without content.
 *
 * READ_ERROR (26) where there is no such file, it is a directory or it may not be read: curlback_last_error() has the system's
 * reason. A transfer ends with the same where it is gone by then. Otherwise as curlback_mime_part_data().
 *
 * Required of the caller:
 * `path` is NULL or ends with NUL.
 */
curlback_result curlback_mime_part_file(struct curlback_mime_part *part,
                                        const char *path);

/**
 * Makes another mime the part's content, in place of what it had: a multipart in a multipart, multipart/mixed unless
 * curlback_mime_part_type() says otherwise. The mime takes it over: its handle stays good for curlback_mime_add(), but is closed
 * with the mime it is part of, and when the part gets another content. NULL leaves the part without content.
 *
 * CURLBACK_E_IN_USE where `subparts` is part of another mime, set on a handle or being sent; CURLBACK_E_RANGE where it would be part of
 * itself, and where mimes would be nested more than 9 deep, which libcurl does not send. It then stays the caller's. Otherwise as
 * curlback_mime_part_data().
 */
curlback_result curlback_mime_part_subparts(struct curlback_mime_part *part,
                                            struct curlback_mime *subparts);

/**
 * Sends the mime: the request becomes a POST with the parts as multipart/form-data. Of this function and the options HTTPGET, NOBODY, POST,
 * UPLOAD and POSTFIELDS the one that was called last says what the request is. NULL detaches: the request is a GET again,
 * unless another of them said otherwise since.
 *
 * The mime stays the caller's, can be set on several handles and changed between transfers; duplicates have it too, reset takes it
 * off. Each transfer sends the parts as they are when it begins: inside a callback, and while a transfer is paused, this
 * function takes effect with the next one. CURLBACK_E_IN_USE where the mime is part of another.
 *
 * Also inside callbacks.
 */
curlback_result curlback_easy_set_mime(struct curlback_easy *easy,
                                       struct curlback_mime *mime);

/**
 * A new multi handle without transfers. NULL on failure, which curlback_last_error() explains. Free it with curlback_multi_close()
 * or curlback_multi_release(). From any thread, also inside callbacks.
 */
struct curlback_multi *curlback_multi_new(void);

/**
 * Closes the handle. Its easy handles leave it and live on; what of their transfers was under way ends with CURLBACK_E_CANCELLED and
 * on_done is not called for it. Its connections end, and all user data it holds is dropped before the call returns. NULL is
 * CURLBACK_OK.
 *
 * CURLBACK_E_IN_CALLBACK from inside a callback of it or of one of its easy handles, CURLBACK_E_BUSY while another thread drives it. The
 * socket and timer callbacks that libcurl calls meanwhile still get the handle, but can only call curlback_multi_raise().
 */
curlback_result curlback_multi_close(struct curlback_multi *multi);

/**
 * Gives the handle up: for finalizers. Never fails, from any thread, at any time, also inside callbacks and drop functions; NULL
 * and handles that are gone already are ignored. The handle is gone at once for its callers; what is behind it is closed
 * before the call returns if nothing runs on it, else by the thread that drives it, when that call returns: curlback_multi_run() does so
 * soon, as after curlback_multi_stop().
 */
void curlback_multi_release(struct curlback_multi *multi);

/**
 * The CURLM pointer underneath, for what this interface lacks; NULL where it is refused. It belongs to the handle. Leave its callbacks
 * and their data pointers alone, do not drive or clean it up, and add no handles to it.
 */
void *curlback_multi_curl(struct curlback_multi *multi);

/**
 * Calls `callback` for each transfer that ends: in curlback_multi_run(), perform, poll and socket_action, and in whatever other call
 * ends one. NULL unsets: curlback_multi_next_done() hands out what ends from then on.
 *
 * Also inside callbacks; replacing takes effect with the next call. What ended and was not handed out yet goes to `callback`.
 *
 * Required of the caller:
 * `callback` may be called with `user_data` until `drop` was called.
 */
curlback_result curlback_multi_on_done(struct curlback_multi *multi,
                                       curlback_done_cb callback,
                                       void *user_data,
                                       curlback_drop_cb drop);

/**
 * Hands out one transfer that has ended, the first that did, with its result; false where there is none, and always while on_done is
 * set. Also inside callbacks.
 *
 * Required of the caller:
 * `easy` and `result` are NULL or can be written to.
 */
bool curlback_multi_next_done(struct curlback_multi *multi,
                              struct curlback_easy **easy,
                              curlback_result *result);

/**
 * Has every transfer do what it can without waiting. `running`, which may be NULL, then says how many are still under way; it is
 * written always, 0 where the call is refused.
 *
 * Returns CURLBACK_OK; CURLBACK_E_RAISED when a callback interrupted, of the multi handle or of one of its easy handles, 1011 when a
 * socket or timer callback failed: curlback_multi_error() says which, and the transfers that are left go on with the next
 * call. CURLBACK_E_IN_CALLBACK from inside any callback of the multi handle or of its easy handles.
 *
 * Required of the caller:
 * `running` is NULL or can be written to.
 */
curlback_result curlback_multi_perform(struct curlback_multi *multi,
                                       int32_t *running);

/**
 * Waits until there is something to do for a transfer or on one of the `extra_count` descriptors at `extra`, whose `revents` then
 * say what; until curlback_multi_wakeup(); or until `timeout_ms` milliseconds have passed. `ready`, which may be NULL, says on
 * how many descriptors something happened. What other threads asked for meanwhile is done. CURLBACK_E_RANGE for a negative timeout.
 *
 * CURLBACK_E_IN_CALLBACK from inside any callback of the multi handle or of its easy handles.
 *
 * Required of the caller:
 * `extra` is NULL or has `extra_count` entries; `ready` is NULL or can be written to.
 */
curlback_result curlback_multi_poll(struct curlback_multi *multi,
                                    struct curlback_wait_fd *extra,
                                    size_t extra_count,
                                    int32_t timeout_ms,
                                    int32_t *ready);

/**
 * In how many milliseconds libcurl wants curlback_multi_perform(), or curlback_multi_socket_action() with CURLBACK_SOCKET_TIMEOUT, to be
 * called at the latest; -1: at no time of its own.
 *
 * Required of the caller:
 * `timeout_ms` is NULL or can be written to.
 */
curlback_result curlback_multi_timeout(struct curlback_multi *multi,
                                       int64_t *timeout_ms);

/**
 * What to wait for in a loop of one's own kind, before each curlback_multi_perform(): fills at most `capacity` entries at `fds`, and
 * says in `count` how many there are. `fds` may be NULL where `capacity` is 0. An application that has many transfers does better
 * with curlback_multi_on_socket().
 *
 * CURLBACK_E_IN_CALLBACK from inside callbacks other than on_done and on_notify: libcurl does not tell while it is at work. Before libcurl
 * 8.8 descriptors from 1,024 on are not among them.
 *
 * Required of the caller:
 * `fds` has room for `capacity` entries; `count` is NULL or can be written to.
 */
curlback_result curlback_multi_wait_fds(struct curlback_multi *multi,
                                        struct curlback_wait_fd *fds,
                                        size_t capacity,
                                        size_t *count);

/**
 * As curlback_easy_raise(), from inside one of the multi handle's own callbacks (else CURLBACK_E_NOT_IN_CALLBACK).
 *
 * CURLBACK_RAISE_ERROR goes with a -1 of on_socket or on_timer. CURLBACK_RAISE_INTERRUPT makes the call in progress return
 * CURLBACK_E_RAISED as soon as it can, add and remove too; the transfers go on with the next call, and on_socket and on_timer are
 * called meanwhile as ever. The first of several interrupts is shown by curlback_multi_error(); each of the others that has a payload
 * makes a later call that drives the multi handle return CURLBACK_E_RAISED, and is shown then. Of errors the last is shown, but
 * none in an interrupt's place; one that is not shown is CURLBACK_OK, its payload dropped at once.
 *
 * `message` is copied and may be NULL. The payload is dropped at the next call that runs transfers, or with the handle, unless taken.
 *
 * Required of the caller:
 * `message` is NULL or ends with NUL; `drop` may be called with `payload`.
 */
curlback_result curlback_multi_raise(struct curlback_multi *multi,
                                     int32_t severity,
                                     int32_t code,
                                     const char *message,
                                     void *payload,
                                     curlback_drop_cb drop);

/**
 * What was raised in the last call that ran transfers, in `error`: by a callback of the multi handle, or as an interrupt by one of an
 * easy handle, which is then in `easy`: that is the easy handle's own record, with the same payload. Of several interrupts it is the
 * first; curlback_easy_error() has those of other easy handles. Without a raise a -1 shows as result 1011 with its callback. All is
 * 0, NULL or "" where nothing went wrong. The strings stay until the next call that runs transfers.
 *
 * Required of the caller:
 * `error` is NULL or can be written to.
 */
curlback_result curlback_multi_error(struct curlback_multi *multi,
                                     struct curlback_error *error);

/**
 * Hands the payload of curlback_multi_error() over to the caller: its drop function is then never called. NULL if there is none, or it
 * was taken before, here or from its easy handle.
 */
void *curlback_multi_take_payload(struct curlback_multi *multi);

/**
 * Adds an easy handle, whose transfer begins with the next call that drives the multi handle.
 *
 * CURLBACK_E_IN_USE if it is in a multi handle already. On any failure it has not been added; CURLBACK_E_RAISED and 1011 come from
 * the socket and timer callbacks, which libcurl calls meanwhile. Until it is removed it answers for the multi handle: it runs
 * when that does. It is neither freed nor kept alive: curlback_easy_close() takes it out.
 *
 * Also from inside on_done and on_notify. While another thread is in curlback_multi_run() it is handed to that thread: an
 * error that shows only there reaches on_done. CURLBACK_E_BUSY while another thread drives it otherwise.
 */
curlback_result curlback_multi_add(struct curlback_multi *multi,
                                   struct curlback_easy *easy);

/**
 * Takes an easy handle out, whether its transfer has ended or not: what was under way ends, and neither on_done nor next_done
 * speak of it. 1002 if it is not in this multi handle. On CURLBACK_E_RAISED and 1011 it has left all the same.
 *
 * Also from inside on_done and on_notify. While another thread is in curlback_multi_run() that thread carries it out soon, and on_done
 * is called with CURLBACK_E_CANCELLED if the transfer had not ended: the easy handle may be closed from then on.
 */
curlback_result curlback_multi_remove(struct curlback_multi *multi,
                                      struct curlback_easy *easy);

/**
 * Calls `callback` for the notifications that curlback_multi_notify() enables, when libcurl has returned to this library. NULL unsets.
 * Needs libcurl 8.17, else CURLBACK_E_UNSUPPORTED. Also inside callbacks; replacing takes effect with the next call.
 *
 * Required of the caller:
 * `callback` may be called with `user_data` until `drop` was called.
 */
curlback_result curlback_multi_on_notify(struct curlback_multi *multi,
                                         curlback_multi_notify_cb callback,
                                         void *user_data,
                                         curlback_drop_cb drop);

/**
 * Switches a notification, one of CURLBACK_NOTIFY_*, on or off; all are off at first. CURLBACK_E_RANGE for any other. Needs libcurl 8.17,
 * else CURLBACK_E_UNSUPPORTED. Also inside callbacks.
 */
curlback_result curlback_multi_notify(struct curlback_multi *multi,
                                      int32_t notification,
                                      bool enabled);

/**
 * Sets an option, one of CURLBACK_MOPT_*, to a number. CURLBACK_E_OPTION for what is none and for what a function of its own sets,
 * CURLBACK_E_TYPE for one that takes no number, CURLBACK_E_RANGE for a number that does not fit, CURLBACK_E_UNSUPPORTED where the linked libcurl
 * lacks it.
 *
 * Also from inside on_done and on_notify; CURLBACK_E_IN_CALLBACK from other callbacks: libcurl takes no options while it is at work.
 */
curlback_result curlback_multi_set_int(struct curlback_multi *multi,
                                       int32_t option,
                                       int64_t value);

/**
 * Calls `callback` for each transfer that an HTTP/2 server pushes. NULL unsets: all are refused. For HTTP/2 that libcurl multiplexes. Also
 * inside callbacks; replacing takes effect with the next call.
 *
 * Required of the caller:
 * `callback` may be called with `user_data` until `drop` was called.
 */
curlback_result curlback_multi_on_push(struct curlback_multi *multi,
                                       curlback_multi_push_cb callback,
                                       void *user_data,
                                       curlback_drop_cb drop);

/**
 * Makes curlback_multi_run() return soon, with CURLBACK_OK and its unfinished transfers still added; where none is running, the next
 * one returns at once. From any thread, also inside callbacks.
 */
curlback_result curlback_multi_stop(struct curlback_multi *multi);

/**
 * Makes the curlback_multi_poll() that is waiting return, or the next one at once; curlback_multi_run() takes a look at what there
 * is to do. From any thread, also inside callbacks.
 */
curlback_result curlback_multi_wakeup(struct curlback_multi *multi);

/**
 * Runs the transfers on the library's own event loop, on the calling thread, until none is under way or, with CURLBACK_RUN_UNTIL_STOPPED,
 * until curlback_multi_stop(). As each ends on_done is called, which may add more.
 *
 * Meanwhile any thread may call curlback_multi_add() and curlback_multi_remove() for it, curlback_easy_cancel() and curlback_easy_pause()
 * for its easy handles, curlback_multi_stop() and curlback_multi_wakeup().
 *
 * Returns CURLBACK_OK; CURLBACK_E_RAISED when a callback interrupted, 1011 when a socket or timer callback failed: see
 * curlback_multi_perform(); what is left goes on with the next call. CURLBACK_E_RANGE for a mode that is none of CURLBACK_RUN_*,
 * CURLBACK_E_BUSY while another thread drives it, CURLBACK_E_IN_CALLBACK from inside any callback of it or of its easy handles.
 */
curlback_result curlback_multi_run(struct curlback_multi *multi,
                                   int32_t mode);

/**
 * Calls `callback` with what the application's loop is to wait for on which socket; it then calls curlback_multi_socket_action() for
 * what happens. NULL unsets. libcurl calls it from inside perform, socket_action, run, add, remove, and whatever closes a
 * connection: of a pause, of an easy handle that closes.
 *
 * Register it before the first transfer is added: what libcurl has said already it does not say again. Also inside callbacks;
 * replacing takes effect with the next call.
 *
 * Required of the caller:
 * `callback` may be called with `user_data` until `drop` was called.
 */
curlback_result curlback_multi_on_socket(struct curlback_multi *multi,
                                         curlback_multi_socket_cb callback,
                                         void *user_data,
                                         curlback_drop_cb drop);

/**
 * Keeps a pointer of the application's own with a socket that on_socket was called for, and is still: on_socket gets it as its
 * `socket_data`. What was there is dropped; `drop` is called when it is replaced, after the on_socket with
 * CURLBACK_POLL_REMOVE, or when the multi handle closes. NULL for `socket_data` keeps none, and `drop` is then not called.
 *
 * 1005 for a socket that libcurl does not use. Also inside callbacks, on_socket itself among them.
 *
 * Required of the caller:
 * `drop` may be called with `socket_data`.
 */
curlback_result curlback_multi_assign(struct curlback_multi *multi,
                                      curlback_socket socket,
                                      void *socket_data,
                                      curlback_drop_cb drop);

/**
 * Something happened on a socket, CURLBACK_SELECT_* or'ed, or, with CURLBACK_SOCKET_TIMEOUT, the time has come that on_timer was told:
 * the transfers that it is for do what they can without waiting. A socket that libcurl does not use is ignored. Otherwise
 * as curlback_multi_perform().
 *
 * Required of the caller:
 * `running` is NULL or can be written to.
 */
curlback_result curlback_multi_socket_action(struct curlback_multi *multi,
                                             curlback_socket socket,
                                             int32_t events,
                                             int32_t *running);

/**
 * Calls `callback` when the time changes at which libcurl wants curlback_multi_socket_action() with CURLBACK_SOCKET_TIMEOUT. NULL unsets.
 * libcurl calls it from inside perform, socket_action, run, add, remove, of a pause, and of an easy handle that closes.
 *
 * Register it before the first transfer is added. Also inside callbacks; replacing takes effect with the next call.
 *
 * Required of the caller:
 * `callback` may be called with `user_data` until `drop` was called.
 */
curlback_result curlback_multi_on_timer(struct curlback_multi *multi,
                                        curlback_multi_timer_cb callback,
                                        void *user_data,
                                        curlback_drop_cb drop);

/**
 * The name of a result: "CURLBACK_E_BUSY", "CURLE_WRITE_ERROR", "CURLM_BAD_HANDLE"; "UNKNOWN" for a number that is none.
 *
 * Never NULL; static. From any thread, also inside callbacks.
 */
const char *curlback_result_name(curlback_result result);

/**
 * A result in words, libcurl's own for libcurl's results. curlback_last_error() says more of the latest failure.
 *
 * Never NULL; static. From any thread, also inside callbacks.
 */
const char *curlback_strerror(curlback_result result);

/**
 * A new share, which has nothing in common yet: curlback_share_add(). It locks by itself where several threads use it, unless
 * curlback_share_on_lock() says how.
 *
 * NULL on failure, which curlback_last_error() explains. Free it with curlback_share_close() or curlback_share_release(). From any
 * thread, also inside callbacks. The first use of the library initialises it, as curlback_init() does.
 */
struct curlback_share *curlback_share_new(void);

/**
 * Closes the share: the connections in it are closed, by the close_socket callbacks of the handles that opened them, which get
 * NULL for handles that are gone. NULL is CURLBACK_OK.
 *
 * CURLBACK_E_IN_USE while a handle uses it: it then stays open. From any thread, also inside callbacks.
 */
curlback_result curlback_share_close(struct curlback_share *share);

/**
 * Gives the share up: for finalizers. Never fails, from any thread, at any time, also inside callbacks and drop functions; NULL and
 * handles that are gone already are ignored. The handle is gone at once for its callers. What is behind it is closed as soon
 * as no handle uses it any more, on the thread of the last.
 */
void curlback_share_release(struct curlback_share *share);

/**
 * Has the handles that use the share have `what` in common, one of CURLBACK_SHARE_*; CURLBACK_E_RANGE for anything else. What is shared
 * already is CURLBACK_OK.
 *
 * CURLBACK_E_UNSUPPORTED where the linked libcurl lacks it; CURLBACK_E_IN_USE while a handle uses the share.
 *
 * Threads may make transfers at the same time with all of these. libcurl itself does not support that for connections and HSTS, whoever
 * locks: of handles that share one of these, or are in a multi handle with one that does, libcurl's own work is therefore done by one
 * thread at a time. Waiting for the network and callbacks are not part of it, a slow look-up of a name can be.
 *
 * From any thread, also inside callbacks.
 */
curlback_result curlback_share_add(struct curlback_share *share,
                                   int32_t what);

/**
 * Has the handles that will use the share have `what` no longer in common. What is not shared is CURLBACK_OK. CURLBACK_E_UNSUPPORTED for
 * CURLBACK_SHARE_PSL, and for CURLBACK_SHARE_CONNECTIONS once a handle has used the share: libcurl cannot take those back. Otherwise as
 * curlback_share_add().
 */
curlback_result curlback_share_remove(struct curlback_share *share,
                                      int32_t what);

/**
 * Lets the handle use the caches of the share in place of its own. NULL detaches. What the handle had of these itself, cookies and
 * HSTS hosts say, is dropped, as are connections that an earlier transfer with CONNECT_ONLY left.
 *
 * reset keeps it, duplicates have none. CURLBACK_E_IN_CALLBACK from inside a callback of this handle or its multi handle, CURLBACK_E_IN_USE
 * while it is in a multi handle.
 */
curlback_result curlback_easy_set_share(struct curlback_easy *easy,
                                        struct curlback_share *share);

/**
 * Has the share lock with the application's `lock` and `unlock` in place of the library's own locks, whatever the callbacks do: a
 * transfer cannot be failed by them, only interrupted. Both or neither: CURLBACK_E_NULL for one alone; NULL for both gives the
 * library's own back, and `user_data` and `drop` are then ignored.
 *
 * CURLBACK_E_IN_USE while a handle uses the share. The callbacks are called until the share is closed, the last time in
 * closing it, and `drop` after that. From any thread, also inside callbacks.
 *
 * Required of the caller:
 * `lock` and `unlock` may be called with `user_data` on any thread until `drop` was called.
 */
curlback_result curlback_share_on_lock(struct curlback_share *share,
                                       curlback_lock_cb lock,
                                       curlback_unlock_cb unlock,
                                       void *user_data,
                                       curlback_drop_cb drop);

/**
 * Sends a close frame with a code and a reason, `reason_len` bytes of UTF-8; code 0 and no reason: an empty one. The peer answers with
 * another and closes the connection: until then data can still arrive, and nothing but that ends a transfer.
 *
 * CURLBACK_E_RANGE for a code that must not be sent, which is any but 1000 to 1003, 1007 to 1014 and 3000 to 4999, and for a reason
 * without a code, over 123 bytes or not UTF-8. After AGAIN (81), on a detached handle, call again with the same arguments, once the
 * socket can be written to. Otherwise as curlback_ws_send().
 *
 * Required of the caller:
 * There are `reason_len` bytes at `reason`.
 */
curlback_result curlback_ws_close(struct curlback_easy *easy,
                                  uint16_t code,
                                  const char *reason,
                                  size_t reason_len);

/**
 * Calls `callback` with each whole message of a WebSocket, and with each ping, pong and close. A message longer than `limit` bytes
 * ends the transfer with CURLBACK_E_LIMIT, as soon as that is known. A member of the body group: CURLBACK_E_EXCLUSIVE while another
 * member is set. NULL unsets: what arrives goes to standard output again.
 *
 * For ws:// and wss://: what comes over another protocol, or in raw mode, ends the transfer with CURLBACK_E_ABSENT. Pings come
 * only with bit 2 of the option WS_OPTIONS, as libcurl answers them otherwise. A message that the connection ends in the middle of is
 * not delivered, and libcurl does not take that for an error: a peer that has said all sends a close before. CURLBACK_E_UNSUPPORTED where the linked libcurl is
 * older than 8.14 or was built without WebSocket.
 *
 * Also inside callbacks; replacing takes effect with the next call.
 *
 * Required of the caller:
 * `callback` may be called with `user_data` until `drop` was called.
 */
curlback_result curlback_easy_on_ws_message(struct curlback_easy *easy,
                                            size_t limit,
                                            curlback_ws_message_cb callback,
                                            void *user_data,
                                            curlback_drop_cb drop);

/**
 * The frame of the chunk that the running on_write callback of this handle was given, in `frame`.
 *
 * CURLBACK_E_NOT_IN_CALLBACK anywhere else, also in other callbacks; CURLBACK_E_ABSENT where there are no frames, as over http://
 * and with bit 1 of the option WS_OPTIONS, the raw mode; CURLBACK_E_UNSUPPORTED where the linked libcurl is older than 8.14 or
 * was built without WebSocket. A large frame comes in several chunks, and chunks of two frames are never joined.
 *
 * Required of the caller:
 * `frame` is NULL or can be written to.
 */
curlback_result curlback_ws_meta(struct curlback_easy *easy,
                                 struct curlback_ws_frame *frame);

/**
 * Receives a WebSocket frame, or a piece of one, on a detached handle, one that has performed with CONNECT_ONLY 2: up to `capacity`
 * bytes to `buffer`, how many in `received`, and in `frame` where they belong: bytes_left says how many of the frame are still to come.
 * It does not wait: AGAIN (81) where nothing is there, to be called again once the socket, which is the info ACTIVESOCKET, can be
 * read. 0 bytes with CURLBACK_OK are an empty frame. libcurl answers pings unless the option WS_OPTIONS says otherwise.
 *
 * `*received` is always written. GOT_NOTHING (52) once the peer has closed the connection, RECV_ERROR (56) for what is no
 * WebSocket frame; CURLBACK_E_ABSENT where there is no WebSocket; CURLBACK_E_IN_CALLBACK inside a callback of the handle, which
 * gets its data by that; CURLBACK_E_UNSUPPORTED where the linked libcurl is older than 8.14 or was built without WebSocket.
 *
 * Required of the caller:
 * `capacity` bytes can be written at `buffer`; `received` and `frame` are NULL or can be written to.
 */
curlback_result curlback_ws_recv(struct curlback_easy *easy,
                                 void *buffer,
                                 size_t capacity,
                                 size_t *received,
                                 struct curlback_ws_frame *frame);

/**
 * Sends a WebSocket frame, or a piece of one: `len` bytes at `data`, which may be NULL where `len` is 0. `flags` has one of
 * CURLBACK_WS_TEXT, BINARY, CLOSE, PING and PONG.
 *
 * With CURLBACK_WS_CONT the frame is a fragment of a text or binary message, and more follow; the last comes without CONT, and all have
 * the same of TEXT and BINARY. With CURLBACK_WS_OFFSET the frame is sent in pieces: `fragment_size` is the size of all of it in the
 * first call, and 0 or the same in those that follow with the same flags. Without OFFSET `fragment_size` is 0. In raw mode,
 * which bit 1 of the option WS_OPTIONS switches on, the data are whole frames of the caller's making, and both are 0.
 *
 * Inside any callback of a handle whose transfer is a WebSocket: it returns when all is written, however long the peer
 * takes, unless the transfer's time is up or curlback_easy_cancel() ends it, which is CURLBACK_E_CANCELLED here. Nothing is received
 * meanwhile. On a detached handle, one that has performed with CONNECT_ONLY 2, it does not wait: AGAIN (81) with `*sent` bytes
 * taken; call again with the rest, once the socket, which is the info ACTIVESOCKET, can be written to.
 *
 * `*sent` is always written. CURLBACK_E_RANGE for flags that contradict each other or what was begun, a control frame of over 125
 * bytes, a close frame that curlback_ws_close() would not send; CURLBACK_E_ABSENT where there is no WebSocket;
 * CURLBACK_E_UNSUPPORTED where the linked libcurl is older than 8.14 or was built without it; or libcurl's CURLcode.
 *
 * Required of the caller:
 * There are `len` bytes at `data`; `sent` is NULL or can be written to.
 */
curlback_result curlback_ws_send(struct curlback_easy *easy,
                                 const void *data,
                                 size_t len,
                                 int64_t fragment_size,
                                 uint32_t flags,
                                 size_t *sent);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* CURLBACK_H */
