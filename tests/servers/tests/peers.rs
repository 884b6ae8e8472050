//! The servers that speak other than HTTP do what their documentation says.

#[path = "common/mod.rs"]
mod common;

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output};

use common::{Client, LIMIT};
use curlback_test_servers::{Ftp, HostKey, RTP_PACKETS, Sshd, pattern, rtsp, wait_until};

fn port_of(url: &str) -> u16 {
    let rest = url.rsplit_once("127.0.0.1:").unwrap().1;
    rest.split('/').next().unwrap().parse().unwrap()
}

/// A client that has logged in.
struct FtpClient(Client);

impl FtpClient {
    fn new(server: &Ftp) -> Self {
        let mut client = Client::connect(port_of(&server.url("/")));
        assert!(client.line().starts_with("220 "));
        let mut client = Self(client);
        client.order("USER anonymous", "331 ");
        client.order("PASS none", "230 ");
        client.order("TYPE I", "200 ");
        client
    }

    fn order(&mut self, command: &str, answer: &str) -> String {
        self.0.send(&format!("{command}\r\n"));
        let line = self.0.line();
        assert!(line.starts_with(answer), "{command}: {line}");
        line
    }

    /// Opens a data connection as the server says.
    fn passive(&mut self) -> TcpStream {
        let line = self.order("EPSV", "229 ");
        let port = line.split('|').nth(3).unwrap().parse().unwrap();
        let data = TcpStream::connect(("127.0.0.1", port)).unwrap();
        data.set_read_timeout(Some(LIMIT)).unwrap();
        data
    }

    fn retrieve(&mut self, command: &str) -> Vec<u8> {
        let mut data = self.passive();
        self.order(command, "1");
        let mut bytes = Vec::new();
        data.read_to_end(&mut bytes).unwrap();
        assert!(self.0.line().starts_with("226 "));
        bytes
    }

    fn store(&mut self, command: &str, bytes: &[u8]) {
        let mut data = self.passive();
        self.order(command, "1");
        data.write_all(bytes).unwrap();
        drop(data);
        assert!(self.0.line().starts_with("226 "));
    }
}

#[test]
fn the_ftp_server_has_its_files() {
    let server = Ftp::start().unwrap();
    let mut client = FtpClient::new(&server);
    assert_eq!(client.retrieve("RETR /many/file000.txt"), b"0\n");
    assert_eq!(client.retrieve("RETR /many/file199.txt"), b"199\n");
    assert_eq!(client.retrieve("RETR /many/to-file007.txt"), b"7\n");
    assert_eq!(client.retrieve("RETR /kinds/regular.bin"), pattern(0, 1234));
    assert_eq!(client.retrieve("RETR /kinds/link"), pattern(0, 1234));
    client.order("SIZE /kinds/regular.bin", "213 1234");

    let listing = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let many = listing(client.retrieve("LIST /many"));
    assert_eq!(many.lines().filter(|line| line.starts_with("-rw")).count(), Ftp::FILES);
    assert_eq!(many.lines().count(), Ftp::FILES + 2);
    let kinds = listing(client.retrieve("LIST /kinds"));
    for (start, end) in
        [("-rw-r-----", " regular.bin"), ("drwx", " directory"), ("lrwx", " link -> regular.bin")]
    {
        assert!(kinds.lines().any(|line| line.starts_with(start) && line.ends_with(end)), "{end}: {kinds}");
    }
}

#[test]
fn the_ftp_server_takes_files_and_their_continuation() {
    let server = Ftp::start().unwrap();
    let mut client = FtpClient::new(&server);
    client.store("STOR /new.bin", b"hello");
    client.store("APPE /new.bin", b", world");
    assert_eq!(fs::read(server.root().join("new.bin")).unwrap(), b"hello, world");
}

/// Several clients at once: each data connection is made while others wait for theirs.
#[test]
fn the_ftp_server_connects_to_clients_that_listen() {
    let server = Ftp::start().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut client = FtpClient::new(&server);
                for number in 0..20 {
                    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
                    let port = listener.local_addr().unwrap().port();
                    client.order(&format!("EPRT |1|127.0.0.1|{port}|"), "200 ");
                    client.order(&format!("RETR /many/file{number:03}.txt"), "1");
                    let mut bytes = String::new();
                    listener.accept().unwrap().0.read_to_string(&mut bytes).unwrap();
                    assert_eq!(bytes, format!("{number}\n"));
                    assert!(client.0.line().starts_with("226 "));
                }
            });
        }
    });
}

#[test]
fn the_ftp_server_stops_and_cleans_up() {
    let server = Ftp::start().unwrap();
    let (port, root) = (port_of(&server.url("/")), server.root().to_owned());
    let mut client = FtpClient::new(&server);
    drop(server);
    client.0.assert_closed();
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
    assert!(!root.exists());
}

/// Copies hello.txt with OpenSSH's own client, which knows the server by `known` alone.
fn copy(server: &Sshd, known: &str, user_key: &Path) -> (Output, Option<Vec<u8>>) {
    let directory = tempfile::tempdir().unwrap();
    let (hosts, target) = (directory.path().join("hosts"), directory.path().join("target"));
    fs::write(&hosts, server.known_hosts_line(known)).unwrap();
    let url = server.url("scp", "hello.txt");
    let (user, rest) = url.strip_prefix("scp://").unwrap().split_once('@').unwrap();
    let output = Command::new("scp")
        .args(["-F", "/dev/null", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes"])
        .args(["-o", "IdentitiesOnly=yes", "-P", &port_of(&url).to_string()])
        .arg("-o")
        .arg(format!("UserKnownHostsFile=\"{}\"", hosts.display()))
        .arg("-i")
        .arg(user_key)
        .arg(format!("{user}@127.0.0.1:{}", &rest[rest.find('/').unwrap()..]))
        .arg(&target)
        .output()
        .expect("scp is installed with the server");
    (output, fs::read(target).ok())
}

#[test]
fn the_ssh_server_has_its_host_key_and_knows_its_user() {
    for host_key in [HostKey::Ed25519, HostKey::Rsa] {
        let server = Sshd::start(host_key).unwrap();
        let sort = if host_key == HostKey::Rsa { "ssh-rsa " } else { "ssh-ed25519 " };
        assert!(server.key().starts_with(sort) && server.other_key().starts_with(sort));
        assert_ne!(server.key(), server.other_key());

        let (output, copied) = copy(&server, server.key(), &server.user_key());
        assert_eq!(copied.as_deref(), Some(&b"hello, ssh\n"[..]), "{output:?}");
        let (output, copied) = copy(&server, server.other_key(), &server.user_key());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(copied.is_none() && said.contains("Host key verification failed"), "{said}");
        // The host's own key logs nobody in.
        let (output, copied) = copy(&server, server.key(), &server.user_key().with_file_name("other"));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(copied.is_none() && said.contains("Permission denied"), "{said}");
    }
}

#[test]
fn the_ssh_server_stops_and_cleans_up() {
    let server = Sshd::start(HostKey::Ed25519).unwrap();
    let (port, key) = (port_of(&server.url("sftp", "")), server.user_key());
    assert!(key.exists() && key.with_extension("pub").exists());
    drop(server);
    assert!(wait_until(LIMIT, || TcpStream::connect(("127.0.0.1", port)).is_err()));
    assert!(!key.parent().unwrap().exists());
}

#[test]
fn the_rtsp_server_sends_packets_before_it_answers_play() {
    let server = rtsp();
    let mut client = Client::connect(server.port());
    let answer = |number: &str| {
        [
            "RTSP/1.0 200 OK",
            &format!("CSeq: {number}"),
            "Session: 12345",
            "Transport: RTP/AVP/TCP;interleaved=0-1",
        ]
        .map(str::to_owned)
        .to_vec()
    };
    client.send("SETUP rtsp://test/ RTSP/1.0\r\nCSeq: 7\r\n\r\n");
    assert_eq!(client.head(), answer("7"));
    client.send("PLAY rtsp://test/ RTSP/1.0\r\nCSeq: 8\r\n\r\n");
    let packets = RTP_PACKETS.concat();
    assert_eq!(client.bytes(packets.len()), packets);
    assert_eq!(client.head(), answer("8"));
}
