//! nginx.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::cert;
use crate::child::{self, Program};
use crate::pattern::{pattern, pieces};
use crate::raw::ReservedPort;

/// The size of the file that [`Nginx::big_file`] creates.
pub const BIG_FILE_SIZE: u64 = 64 << 20;

/// nginx on free ports of 127.0.0.1, as the current user, in a temporary directory. Dropping it stops it.
///
/// | path | content |
/// |---|---|
/// | /hello.txt | `hello, world\n` |
/// | /small.txt | 100 bytes of the pattern |
/// | /1MiB.bin | the pattern |
/// | /hsts.txt | the same as /hello.txt, over TLS with Strict-Transport-Security |
/// | /slow.bin | 40,000 bytes of the pattern, 8 KiB a second: about four seconds |
/// | /64MiB.bin | the pattern; exists once [`Nginx::big_file`] was called |
/// | /uploaded.bin | what was sent there by PUT |
/// | /to/PORT/PATH | over TLS: what the WebSocket server on that port of 127.0.0.1 has at /PATH |
#[derive(Debug)]
pub struct Nginx {
    http: u16,
    https: u16,
    expired: u16,
    wrong_name: u16,
    directory: PathBuf,
    big_file: Mutex<bool>,
    _program: Program,
}

impl Nginx {
    /// Starts one and waits until it listens.
    pub fn start() -> io::Result<Self> {
        let program = child::find("nginx", "nginx")?;
        let temporary = tempfile::Builder::new().prefix("curlback-nginx-").tempdir()?;
        let directory = temporary.path().to_owned();
        cert::write_to(&directory)?;
        let root = directory.join("www");
        fs::create_dir(&root)?;
        fs::write(root.join("hello.txt"), "hello, world\n")?;
        fs::write(root.join("small.txt"), pattern(0, 100))?;
        fs::write(root.join("1MiB.bin"), pattern(0, 1 << 20))?;
        fs::write(root.join("slow.bin"), pattern(0, 40_000))?;

        // Held until nginx listens, so that nobody else gets them.
        let reserved: Vec<ReservedPort> = (0..4).map(|_| ReservedPort::new()).collect::<io::Result<_>>()?;
        let ports: Vec<u16> = reserved.iter().map(ReservedPort::port).collect();
        let [http, https, expired, wrong_name] = ports[..] else { unreachable!("four were reserved") };
        let tls = [(https, cert::VALID), (expired, cert::EXPIRED), (wrong_name, cert::WRONG_NAME)];
        fs::write(directory.join("nginx.conf"), configuration(http, &tls))?;

        let mut command = Command::new(program);
        command.args(["-e", "stderr", "-c", "nginx.conf", "-p"]).arg(&directory);
        let program = Program::start(command, temporary, ports)?;
        Ok(Self {
            http,
            https,
            expired,
            wrong_name,
            directory,
            big_file: Mutex::new(false),
            _program: program,
        })
    }

    /// One for the whole process, stopped when it exits.
    pub fn shared() -> Result<&'static Self, &'static io::Error> {
        static SHARED: OnceLock<io::Result<Nginx>> = OnceLock::new();
        SHARED.get_or_init(Nginx::start).as_ref()
    }

    /// `http://127.0.0.1:PORT` and then `path`: HTTP/1.1.
    pub fn http_url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.http)
    }

    /// `https://127.0.0.1:PORT` and then `path`: HTTP/2 and HTTP/1.1, with a certificate that verifies against
    /// [`Nginx::ca_path`] for 127.0.0.1 and localhost.
    pub fn https_url(&self, path: &str) -> String {
        format!("https://127.0.0.1:{}{path}", self.https)
    }

    /// The same with a certificate that expired in 2020.
    pub fn expired_url(&self, path: &str) -> String {
        format!("https://127.0.0.1:{}{path}", self.expired)
    }

    /// The same with a certificate for another name.
    pub fn wrong_name_url(&self, path: &str) -> String {
        format!("https://127.0.0.1:{}{path}", self.wrong_name)
    }

    pub fn http_port(&self) -> u16 {
        self.http
    }

    pub fn https_port(&self) -> u16 {
        self.https
    }

    /// The certificate of the authority that issued the servers' certificates.
    pub fn ca_path(&self) -> PathBuf {
        self.directory.join(cert::CA_FILE)
    }

    /// Creates /64MiB.bin where it does not exist yet, and returns its path for the URL.
    pub fn big_file(&self) -> io::Result<&'static str> {
        let mut exists = self.big_file.lock().unwrap_or_else(PoisonError::into_inner);
        if !*exists {
            let mut file = File::create(self.directory.join("www/64MiB.bin"))?;
            pieces(0, BIG_FILE_SIZE).try_for_each(|piece| file.write_all(&piece))?;
            *exists = true;
        }
        Ok("/64MiB.bin")
    }
}

/// All paths are relative to the directory given with -p, whatever characters that has.
fn configuration(http: u16, tls: &[(u16, &str)]) -> String {
    // One process, so that killing it leaves none behind, and none that changes to another user.
    let mut text = format!(
        "daemon off;
master_process off;
pid nginx.pid;
error_log stderr warn;
events {{ worker_connections 16384; multi_accept on; }}
http {{
    access_log off;
    types {{ text/plain txt; }}
    default_type application/octet-stream;
    sendfile on;
    keepalive_requests 1000000;
    keepalive_timeout 600s;
    client_header_timeout 600s;
    send_timeout 600s;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    root www;
    server {{
        listen 127.0.0.1:{http} backlog=8192;
        location = /slow.bin {{ limit_rate 8k; }}
        location = /uploaded.bin {{ dav_methods PUT; client_max_body_size 1g; }}
    }}
"
    );
    for (port, certificate) in tls {
        text += &format!(
            "    server {{
        listen 127.0.0.1:{port} ssl http2;
        ssl_certificate {certificate}.pem;
        ssl_certificate_key {certificate}.key;
        location ~ ^/to/(\\d+)(/.*)$ {{
            proxy_pass http://127.0.0.1:$1$2;
            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection upgrade;
        }}
        location = /hsts.txt {{
            alias www/hello.txt;
            add_header Strict-Transport-Security \"max-age=31536000; includeSubDomains\";
        }}
    }}
"
        );
    }
    text + "}\n"
}
