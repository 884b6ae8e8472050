//! What a part has in it, and what it says of itself.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::ptr::null;

use curlback::easy::options::curlback_easy_set_list;
use curlback::libcurl::tables::opt;
use curlback::mime::part::*;
use curlback::result::code;
use curlback_test_servers::pattern;

use crate::support::{Easy, last_error, ok};
use crate::{Answer, Mime, Supply, contents, data, headers, none, sent, set, text, to};

const READ_ERROR: i32 = 26;

/// A mime with the parts that `fill` adds, sent once.
fn send(fill: impl FnOnce(&Mime)) -> Vec<curlback_test_servers::Part> {
    let easy = to("/multipart");
    let mime = Mime::new(&easy);
    fill(&mime);
    set(&easy, mime.raw());
    let parts = sent(&easy);
    drop(easy);
    parts
}

#[test]
fn data_arrives_as_it_is_in_the_order_of_the_parts() {
    let every_byte: Vec<u8> = (0..=255).collect();
    // From 16 KiB on libcurl does not copy it.
    let lengths = [0, 1, 16 * 1024, 16 * 1024 + 1, 1_000_000];
    let parts = send(|mime| {
        mime.with("bytes", &every_byte);
        mime.with("lines", b"\r\n--\r\n\n\r");
        for length in lengths {
            mime.with(&length.to_string(), &pattern(0, length));
        }
    });
    assert_eq!(parts.len(), 7);
    assert_eq!(contents(&parts)[..2], [("bytes", &every_byte[..]), ("lines", b"\r\n--\r\n\n\r")]);
    for (part, length) in parts[2..].iter().zip(lengths) {
        assert_eq!(part.name.as_deref(), Some(length.to_string().as_str()));
        assert!(part.content == pattern(0, length), "{length}");
    }
}

#[test]
fn data_is_copied_before_the_call_returns() {
    let parts = send(|mime| {
        let mut bytes = b"before".to_vec();
        mime.with("part", &bytes);
        bytes.fill(b'x');
    });
    assert_eq!(contents(&parts), [("part", &b"before"[..])]);
}

#[test]
fn a_mime_without_parts_and_a_part_without_anything_are_sent() {
    let easy = to("/echo");
    let mime = Mime::new(&easy);
    set(&easy, mime.raw());
    let answer = Answer::of(&easy);
    ok(easy.perform());
    let body = String::from_utf8(answer.body.take()).unwrap();
    assert!(body.starts_with("--") && body.ends_with("--\r\n") && body.lines().count() == 1, "{body:?}");
    assert!(answer.header("x-content-type").unwrap().starts_with("multipart/form-data; boundary="));
    assert!(!curlback::mime::curlback_mime_add(mime.raw()).is_null());
    easy.set_url(&curlback_test_servers::HttpServer::shared().url("/multipart"));
    let parts = sent(&easy);
    assert_eq!(contents(&parts), [("-", &b""[..])]);
    drop(easy);
}

#[test]
fn name_file_name_and_type_are_sent_replaced_and_unset() {
    let easy = to("/multipart");
    let mime = Mime::new(&easy);
    let part = mime.with("first", b"content");
    ok(text(curlback_mime_part_name, part, "a \"name\""));
    ok(text(curlback_mime_part_filename, part, "a file.txt"));
    ok(text(curlback_mime_part_type, part, "application/x-one"));
    set(&easy, mime.raw());
    let parts = sent(&easy);
    // As HTML has it: the quotation mark is percent-encoded.
    assert_eq!(parts[0].name.as_deref(), Some("a %22name%22"));
    assert_eq!(parts[0].filename.as_deref(), Some("a file.txt"));
    assert_eq!(parts[0].header("content-type"), Some("application/x-one"));

    for unset in [curlback_mime_part_name, curlback_mime_part_filename, curlback_mime_part_type] {
        none(unset, part);
    }
    let parts = sent(&easy);
    assert_eq!((&parts[0].name, &parts[0].filename, parts[0].headers.len()), (&None, &None, 1));
    drop(easy);
}

#[test]
fn the_type_follows_from_the_file_name_unless_it_is_set() {
    let parts = send(|mime| {
        for name in ["picture.png", "page.html", "unknown"] {
            ok(text(curlback_mime_part_filename, mime.with(name, b"x"), name));
        }
    });
    let types: Vec<_> = parts.iter().map(|part| part.header("content-type")).collect();
    assert_eq!(types, [Some("image/png"), Some("text/html"), None]);
}

#[test]
fn header_lines_are_sent_replaced_and_unset() {
    let easy = to("/multipart");
    let mime = Mime::new(&easy);
    let part = mime.with("part", b"content");
    headers(part, &["X-One: 1", "X-Two: 2"]);
    headers(part, &["X-Three: 3", "Content-Type: text/x-own"]);
    set(&easy, mime.raw());
    let found = &sent(&easy)[0];
    assert_eq!(found.header("x-three"), Some("3"));
    assert_eq!((found.header("x-one"), found.header("content-type")), (None, Some("text/x-own")));
    // The type has its own function, which comes first.
    ok(text(curlback_mime_part_type, part, "text/x-other"));
    assert_eq!(sent(&easy)[0].header("content-type"), Some("text/x-other"));
    headers(part, &["Content-Disposition: form-data; name=\"mine\""]);
    assert_eq!(sent(&easy)[0].name.as_deref(), Some("mine"));
    // SAFETY: there are none.
    ok(unsafe { curlback_mime_part_headers(part, null(), 0) });
    assert_eq!(sent(&easy)[0].name.as_deref(), Some("part"));
    drop(easy);
}

/// What base64 makes of `data`, in lines of 76.
fn base64(data: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = Vec::new();
    for group in data.chunks(3) {
        let bits =
            group.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for digit in 0..4 {
            let there = digit <= group.len();
            text.push(if there { DIGITS[(bits >> (18 - 6 * digit) & 63) as usize] } else { b'=' });
        }
    }
    text.chunks(76).collect::<Vec<_>>().join(&b"\r\n"[..])
}

#[test]
fn base64_encodes_data_files_and_callbacks() {
    assert_eq!(base64(b"hello"), b"aGVsbG8=");
    let bytes = pattern(0, 20_000);
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&bytes).unwrap();
    let parts = send(|mime| {
        for length in [0, 1, 2, 3, 57, 58, 20_000] {
            let part = mime.with(&length.to_string(), &bytes[..length]);
            ok(text(curlback_mime_part_encoder, part, "base64"));
        }
        let part = mime.add("file");
        ok(text(curlback_mime_part_file, part, file.path().to_str().unwrap()));
        ok(text(curlback_mime_part_encoder, part, "Base64"));
        for size in [-1, 20_000] {
            let part = mime.add("callback");
            Supply::of(&bytes).fill(part, size);
            ok(text(curlback_mime_part_encoder, part, "BASE64"));
        }
    });
    for (part, length) in parts.iter().zip([0, 1, 2, 3, 57, 58, 20_000, 20_000, 20_000, 20_000]) {
        assert_eq!(part.header("content-transfer-encoding"), Some("base64"));
        assert!(part.content == base64(&bytes[..length]), "{part:?}");
    }
    assert_eq!(parts.len(), 10);
}

#[test]
fn quoted_printable_encodes_what_is_not_text() {
    let long = "x".repeat(100);
    let parts = send(|mime| {
        let text_of = |name: &str, content: &[u8]| {
            ok(text(curlback_mime_part_encoder, mime.with(name, content), "quoted-printable"));
        };
        text_of("one", "a=b, \u{fc} and a tab\t\r\nnext line \r\n".as_bytes());
        text_of("long", long.as_bytes());
    });
    assert_eq!(parts[0].content, b"a=3Db, =C3=BC and a tab=09\r\nnext line=20\r\n");
    let lines: Vec<_> = parts[1].content.split(|byte| *byte == b'\n').collect();
    assert!(lines.len() == 2 && lines[0].ends_with(b"=\r") && lines[0].len() <= 77, "{lines:?}");
    assert_eq!(parts[1].header("content-transfer-encoding"), Some("quoted-printable"));
}

#[test]
fn the_encoders_that_change_nothing_are_named() {
    let parts = send(|mime| {
        for encoder in ["binary", "8bit", "7bit"] {
            ok(text(curlback_mime_part_encoder, mime.with(encoder, b"plain"), encoder));
        }
        let unset = mime.with("unset", b"plain");
        ok(text(curlback_mime_part_encoder, unset, "base64"));
        none(curlback_mime_part_encoder, unset);
    });
    for part in &parts[..3] {
        assert_eq!(part.header("content-transfer-encoding"), part.name.as_deref());
        assert_eq!(part.content, b"plain");
    }
    assert_eq!((parts[3].header("content-transfer-encoding"), &parts[3].content[..]), (None, &b"plain"[..]));
}

#[test]
fn seven_bits_refuse_the_eighth() {
    let easy = to("/multipart");
    let mime = Mime::new(&easy);
    ok(text(curlback_mime_part_encoder, mime.with("part", b"\xff"), "7bit"));
    set(&easy, mime.raw());
    let _answer = Answer::of(&easy);
    assert_eq!(easy.perform(), READ_ERROR, "{}", last_error());
    drop(easy);
}

#[test]
fn an_unknown_encoder_is_refused_and_changes_nothing() {
    let parts = send(|mime| {
        let part = mime.with("part", b"hello");
        ok(text(curlback_mime_part_encoder, part, "base64"));
        for wrong in ["", "base65", "base64 ", "gzip"] {
            assert_eq!(text(curlback_mime_part_encoder, part, wrong), code::E_RANGE);
            assert!(last_error().contains("is no encoder"), "{}", last_error());
        }
    });
    assert_eq!(parts[0].content, b"aGVsbG8=");
}

#[test]
fn a_file_is_sent_with_its_name_and_closed_again() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("some picture.png");
    std::fs::write(&path, pattern(0, 100_000)).unwrap();
    let easy = to("/multipart");
    let mime = Mime::new(&easy);
    let part = mime.add("file");
    ok(text(curlback_mime_part_file, part, path.to_str().unwrap()));
    set(&easy, mime.raw());
    let parts = sent(&easy);
    assert_eq!(parts[0].filename.as_deref(), Some("some picture.png"));
    assert_eq!(parts[0].header("content-type"), Some("image/png"));
    assert!(parts[0].content == pattern(0, 100_000));
    // Read when it is sent, not before.
    std::fs::write(&path, b"changed").unwrap();
    ok(text(curlback_mime_part_filename, part, "other.txt"));
    let parts = sent(&easy);
    assert_eq!((parts[0].filename.as_deref(), &parts[0].content[..]), (Some("other.txt"), &b"changed"[..]));
    none(curlback_mime_part_filename, part);
    assert_eq!(sent(&easy)[0].filename, None);
    // Other tests have descriptors of their own.
    let open = std::fs::read_dir("/proc/self/fd").unwrap();
    let open = open.filter_map(|entry| std::fs::read_link(entry.unwrap().path()).ok());
    assert_eq!(open.filter(|target| *target == path).count(), 0);
    drop(easy);
}

#[test]
fn a_file_that_cannot_be_read_is_refused_and_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let locked = directory.path().join("locked");
    std::fs::write(&locked, b"secret").unwrap();
    std::fs::set_permissions(&locked, std::fs::Permissions::from_mode(0o000)).unwrap();
    let missing = directory.path().join("missing");
    let mut cases =
        vec![(missing, "No such file or directory"), (directory.path().to_path_buf(), "it is a directory")];
    // SAFETY: no preconditions.
    if unsafe { libc::geteuid() } != 0 {
        cases.push((locked, "Permission denied"));
    }
    let parts = send(|mime| {
        let part = mime.with("part", b"content");
        for (path, why) in &cases {
            assert_eq!(text(curlback_mime_part_file, part, path.to_str().unwrap()), READ_ERROR);
            let sentence = last_error();
            assert!(sentence.starts_with(&format!("cannot read {}: {why}", path.display())), "{sentence}");
        }
    });
    assert_eq!(contents(&parts), [("part", &b"content"[..])]);
    assert_eq!(parts[0].filename, None);
}

#[test]
fn a_file_that_is_gone_by_then_ends_the_transfer() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let easy = to("/multipart");
    let mime = Mime::new(&easy);
    let inner = Mime::new(&easy);
    ok(text(curlback_mime_part_file, inner.add("file"), file.path().to_str().unwrap()));
    ok(curlback_mime_part_subparts(mime.add("inner"), inner.into_raw()));
    set(&easy, mime.raw());
    let path = file.path().to_path_buf();
    drop(file);
    let _answer = Answer::of(&easy);
    assert_eq!(easy.perform(), READ_ERROR);
    assert!(
        last_error().starts_with(&format!("cannot read {}: No such file", path.display())),
        "{}",
        last_error()
    );
    let error = easy.error();
    assert_eq!((error.result, error.curl_code, error.callback), (READ_ERROR, READ_ERROR, 0));
    // Nothing is left of it: the mime can be changed and closed.
    mime.with("other", b"content");
    set(&easy, std::ptr::null_mut());
    drop(mime);
    drop(easy);
}

#[test]
fn contents_replace_one_another() {
    let easy = to("/multipart");
    let mime = Mime::new(&easy);
    let part = mime.with("part", b"one");
    set(&easy, mime.raw());
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), b"two").unwrap();
    ok(text(curlback_mime_part_file, part, file.path().to_str().unwrap()));
    assert_eq!(sent(&easy)[0].content, b"two");
    Supply::of(b"three").fill(part, 5);
    assert_eq!(sent(&easy)[0].content, b"three");
    let inner = Mime::new(&easy);
    inner.with("inner", b"four");
    ok(curlback_mime_part_subparts(part, inner.into_raw()));
    assert_eq!(contents(&sent(&easy)), [("part", &b""[..]), ("inner", b"four")]);
    data(part, b"five");
    assert_eq!(contents(&sent(&easy)), [("part", &b"five"[..])]);
    // SAFETY: NULL leaves the part without content.
    ok(unsafe { curlback_mime_part_data(part, null(), 0) });
    assert_eq!(contents(&sent(&easy)), [("part", &b""[..])]);
    drop(easy);
}

#[test]
fn headers_of_the_request_do_not_get_into_the_parts() {
    let easy = to("/multipart");
    let mime = Mime::new(&easy);
    mime.with("part", b"content");
    set(&easy, mime.raw());
    // SAFETY: one string.
    ok(unsafe { curlback_easy_set_list(easy.raw(), opt::HTTPHEADER, [c"X-Own: 1".as_ptr()].as_ptr(), 1) });
    assert_eq!(sent(&easy)[0].header("x-own"), None);
    drop(easy);
}

#[test]
fn the_length_is_known_unless_a_part_has_none() {
    for (size, known) in [(5, true), (-1, false)] {
        let easy: Easy = to("/multipart");
        let mime = Mime::new(&easy);
        mime.with("data", b"data");
        Supply::of(b"bytes").fill(mime.add("callback"), size);
        set(&easy, mime.raw());
        let answer = Answer::of(&easy);
        ok(easy.perform());
        let length = answer.header("x-content-length").unwrap();
        assert_eq!(length != "none", known, "{length}");
        let parts = curlback_test_servers::parts(&answer.body.borrow());
        assert_eq!(contents(&parts), [("data", &b"data"[..]), ("callback", b"bytes")]);
        drop(easy);
    }
}
