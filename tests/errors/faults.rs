//! What goes wrong between here and the server: one row for each.

use curlback::libcurl::tables::opt;
use curlback_test_servers::{HttpServer, Nginx, RawServer, ReservedPort};

use crate::support::Easy;

/// The servers' addresses, which another process can be told in a string.
pub struct Urls {
    pub http: String,
    half_way: String,
    resets: String,
    garbage: String,
    silent: String,
    refused: String,
    https: String,
    expired: String,
    wrong_name: String,
    pub ca: String,
}

/// The servers that `urls` speaks of, for as long as they are wanted.
pub struct Servers {
    pub urls: Urls,
    _raw: [RawServer; 4],
    _refused: ReservedPort,
}

impl Servers {
    pub fn start() -> Self {
        let nginx = Nginx::shared().unwrap_or_else(|error| panic!("{error}"));
        let refused = ReservedPort::new().unwrap();
        let raw = [
            RawServer::closes_half_way(),
            RawServer::resets(),
            RawServer::answering("220 this is no HTTP\r\n"),
            RawServer::answering(""),
        ];
        let [half_way, resets, garbage, silent] = [0, 1, 2, 3].map(|server| raw[server].url("/"));
        let urls = Urls {
            http: HttpServer::shared().url(""),
            half_way,
            resets,
            garbage,
            silent,
            refused: refused.url("/"),
            https: nginx.https_url("/hello.txt"),
            expired: nginx.expired_url("/hello.txt"),
            wrong_name: nginx.wrong_name_url("/hello.txt"),
            ca: nginx.ca_path().to_str().unwrap().to_owned(),
        };
        Servers { urls, _raw: raw, _refused: refused }
    }
}

impl Urls {
    fn fields(&self) -> [&String; 10] {
        let Urls { http, half_way, resets, garbage, silent, refused, https, expired, wrong_name, ca } = self;
        [http, half_way, resets, garbage, silent, refused, https, expired, wrong_name, ca]
    }

    pub fn to_text(&self) -> String {
        self.fields().map(String::as_str).join("\n")
    }

    pub fn from_text(text: &str) -> Self {
        let mut lines = text.lines().map(str::to_owned);
        let mut next = || lines.next().unwrap();
        Urls {
            http: next(),
            half_way: next(),
            resets: next(),
            garbage: next(),
            silent: next(),
            refused: next(),
            https: next(),
            expired: next(),
            wrong_name: next(),
            ca: next(),
        }
    }
}

pub struct Fault {
    pub name: &'static str,
    /// None: it is not set.
    pub url: Option<String>,
    pub expected: i32,
    /// What the sentence says, one of these, in any case.
    pub says: &'static [&'static str],
    /// The system's error number, where libcurl is to know one.
    pub os_errno: i32,
    prepare: fn(&Easy, &Urls),
}

impl Fault {
    /// Sets a handle up for it.
    pub fn set(&self, easy: &Easy, urls: &Urls) {
        if let Some(url) = &self.url {
            easy.set_url(url);
        }
        (self.prepare)(easy, urls);
    }
}

fn trust(easy: &Easy, urls: &Urls) {
    easy.set_str(opt::CAINFO, &urls.ca);
}

pub fn faults(urls: &Urls) -> Vec<Fault> {
    let fault = |name, url: &str, expected, says| Fault {
        name,
        url: Some(url.to_owned()),
        expected,
        says,
        os_errno: 0,
        prepare: |_, _| {},
    };
    let http = |path: &str| format!("{}{path}", urls.http);
    vec![
        fault("unknown host", "http://nonexistent.invalid/", 6, &["nonexistent.invalid"]),
        Fault { os_errno: libc::ECONNREFUSED, ..fault("refused", &urls.refused, 7, &["refused", "connect"]) },
        // Nobody is trusted who issued it.
        fault("unknown issuer", &urls.https, 60, &["issuer", "certificate"]),
        Fault { prepare: trust, ..fault("expired", &urls.expired, 60, &["expired"]) },
        Fault {
            prepare: trust,
            ..fault("wrong name", &urls.wrong_name, 60, &["does not match", "no alternative"])
        },
        fault("closed half way", &urls.half_way, 18, &["900 bytes"]),
        Fault { os_errno: libc::ECONNRESET, ..fault("reset", &urls.resets, 56, &["reset"]) },
        fault("no HTTP", &urls.garbage, 1, &["HTTP/0.9"]),
        fault("no answer", &urls.silent, 52, &["empty reply"]),
        Fault {
            prepare: |easy, _| {
                easy.set_int(opt::FOLLOWLOCATION, 1);
                easy.set_int(opt::MAXREDIRS, 3);
            },
            ..fault("redirects without end", &http("/loop"), 47, &["(3) redirects"])
        },
        Fault {
            prepare: |easy, _| easy.set_int(opt::TIMEOUT_MS, 100),
            ..fault("timeout", &http("/hang?timeout"), 28, &["timed out"])
        },
        Fault {
            prepare: |easy, _| easy.set_int(opt::FAILONERROR, 1),
            ..fault("status 404", &http("/status/404"), 22, &["404"])
        },
        Fault { url: None, ..fault("no URL", "", 3, &["url"]) },
        fault("no host", "http://", 3, &["url", "host"]),
        fault("unknown scheme", "nosuch://127.0.0.1/", 1, &["nosuch"]),
        fault("no such file", "file:///nonexistent/file", 37, &["/nonexistent/file"]),
    ]
}
