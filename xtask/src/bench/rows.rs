//! What is measured: one table of rows, with what each must be.

/// A program. programs.rs builds them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Who {
    Libcurl,
    Curlback,
    Rust,
    Pycurl,
    GoRaw,
    GoCurlback,
    LoadEpoll,
    LoadPoll,
    LoadRun,
    MemoryLibcurl,
    MemoryCurlback,
}

pub enum How {
    /// Instructions from main() on. Before that the dynamic linker loads one library more for curlback, and binds the symbols of
    /// Rust's standard library. The curl crate has no such figure: it sets libcurl up before main().
    FromMain,
    /// Instructions of one: those of a whole process with `many`, less those with `few`, so that its start counts nothing. `{n}` in the
    /// arguments is how many.
    Each { few: u64, many: u64 },
    /// Instructions of one piece of the body: the same with a file of 64 MiB and one of 16 MiB, by the callbacks there are more.
    /// `{n}` is the file's size in MiB.
    EachCallback,
    /// Instructions in the function that libcurl calls for a piece of the body, and in all that it calls.
    InCallback,
    /// CPU time in milliseconds, user and system: the median of runs that the programs take by turns.
    Cpu,
    /// What the program itself reports by that name.
    Reported(&'static str),
}

/// One program at work.
pub struct Run {
    pub label: &'static str,
    pub who: Who,
    /// Between spaces; `{nginx}` is the server's address.
    pub arguments: &'static str,
    /// The figure is divided by that: the number of threads.
    pub by: u32,
}

const fn run(label: &'static str, who: Who, arguments: &'static str) -> Run {
    Run { label, who, arguments, by: 1 }
}

const fn threads(label: &'static str, who: Who, arguments: &'static str, by: u32) -> Run {
    Run { label, who, arguments, by }
}

/// A figure that is held against a bar, of the runs' with these labels.
pub enum Figure {
    Of(&'static str),
    /// The first by the second.
    Ratio(&'static str, &'static str),
    /// What the first has more than the second.
    More(&'static str, &'static str),
}

/// What makes the command fail.
pub enum Held {
    AtTheBar,
    /// The bar is missed: today's figure and a little more, and why.
    At(f64, &'static str),
    /// Times depend on what else the machine does: it is only said whether the bar holds.
    Not,
}

pub struct Bar {
    pub figure: Figure,
    pub at_most: f64,
    pub held: Held,
}

pub struct Row {
    /// By which it is asked for.
    pub name: &'static str,
    pub title: &'static str,
    pub how: How,
    pub runs: &'static [Run],
    pub bars: &'static [Bar],
    /// Whether it is part of what every change has to pass: short, and the same each time.
    pub in_ci: bool,
}

const fn ratio(of: &'static str, to: &'static str, at_most: f64) -> Bar {
    Bar { figure: Figure::Ratio(of, to), at_most, held: Held::AtTheBar }
}

const fn told(of: &'static str, to: &'static str, at_most: f64) -> Bar {
    Bar { figure: Figure::Ratio(of, to), at_most, held: Held::Not }
}

const SLOW_2000: &[Run] = &[
    run("epoll + socket_action", Who::LoadEpoll, "2000 2000 {nginx}/slow.bin"),
    run("perform + poll", Who::LoadPoll, "2000 2000 {nginx}/slow.bin"),
    run("curlback run", Who::LoadRun, "2000 2000 {nginx}/slow.bin"),
];

const SLOW_5000: &[Run] = &[
    run("epoll + socket_action", Who::LoadEpoll, "5000 5000 {nginx}/slow.bin"),
    run("perform + poll", Who::LoadPoll, "5000 5000 {nginx}/slow.bin"),
    run("curlback run", Who::LoadRun, "5000 5000 {nginx}/slow.bin"),
];

const LOOP: &str = "what run() does for each event on top of libcurl";

const LOOP_INSTRUCTIONS: &[Bar] = &[
    Bar {
        figure: Figure::Ratio("curlback run", "epoll + socket_action"),
        at_most: 1.02,
        held: Held::At(1.05, LOOP),
    },
    ratio("curlback run", "perform + poll", 1.0),
];

const LOOP_TIME: &[Bar] =
    &[told("curlback run", "epoll + socket_action", 1.02), told("curlback run", "perform + poll", 1.0)];

pub const ROWS: &[Row] = &[
    Row {
        name: "download",
        title: "64 MiB download, write callback",
        how: How::FromMain,
        runs: &[
            run("libcurl", Who::Libcurl, "get 1 {nginx}/64MiB.bin"),
            run("curlback", Who::Curlback, "get 1 {nginx}/64MiB.bin"),
        ],
        bars: &[ratio("curlback", "libcurl", 1.01)],
        in_ci: true,
    },
    Row {
        name: "three-callbacks",
        title: "64 MiB download: header, write and xferinfo",
        how: How::FromMain,
        runs: &[
            run("libcurl", Who::Libcurl, "callbacks 1 {nginx}/64MiB.bin"),
            run("curlback", Who::Curlback, "callbacks 1 {nginx}/64MiB.bin"),
        ],
        bars: &[ratio("curlback", "libcurl", 1.02)],
        in_ci: true,
    },
    Row {
        name: "small-gets",
        title: "1,000 small GETs on one handle",
        how: How::FromMain,
        runs: &[
            run("libcurl", Who::Libcurl, "get 1000 {nginx}/small.txt"),
            run("curlback", Who::Curlback, "get 1000 {nginx}/small.txt"),
        ],
        bars: &[ratio("curlback", "libcurl", 1.01)],
        in_ci: true,
    },
    Row {
        name: "handles",
        title: "1,000 handles: made, ten options set, one GET, closed",
        how: How::FromMain,
        runs: &[
            run("libcurl", Who::Libcurl, "handles 1000 {nginx}/small.txt"),
            run("curlback", Who::Curlback, "handles 1000 {nginx}/small.txt"),
        ],
        bars: &[Bar {
            figure: Figure::Ratio("curlback", "libcurl"),
            at_most: 1.05,
            held: Held::At(
                1.16,
                "a multi handle that can be woken has larger tables than curl_easy_perform's",
            ),
        }],
        in_ci: true,
    },
    Row {
        name: "upload",
        title: "64 MiB upload, read callback",
        how: How::FromMain,
        runs: &[
            run("libcurl", Who::Libcurl, "upload 64 {nginx}/uploaded.bin"),
            run("curlback", Who::Curlback, "upload 64 {nginx}/uploaded.bin"),
        ],
        bars: &[ratio("curlback", "libcurl", 1.01)],
        in_ci: true,
    },
    Row {
        name: "write-callback",
        title: "one write callback: what libcurl calls, with the application's own function in it",
        how: How::InCallback,
        runs: &[
            run("curlback", Who::Curlback, "get 1 {nginx}/64MiB.bin"),
            run("curl crate", Who::Rust, "get 1 {nginx}/64MiB.bin"),
            run("PycURL", Who::Pycurl, "get 1 {nginx}/64MiB.bin"),
        ],
        bars: &[
            Bar { figure: Figure::Of("curlback"), at_most: 30.0, held: Held::AtTheBar },
            ratio("curlback", "PycURL", 1.0 / 15.0),
        ],
        in_ci: true,
    },
    Row {
        name: "lookup",
        title: "one call that only looks a handle up: get_int",
        how: How::Each { few: 1000, many: 101_000 },
        runs: &[run("libcurl", Who::Libcurl, "lookup {n}"), run("curlback", Who::Curlback, "lookup {n}")],
        bars: &[Bar { figure: Figure::More("curlback", "libcurl"), at_most: 60.0, held: Held::AtTheBar }],
        in_ci: true,
    },
    Row {
        name: "memory",
        title: "bytes that an idle easy handle takes",
        how: How::Reported("easy"),
        runs: &[run("libcurl", Who::MemoryLibcurl, ""), run("curlback", Who::MemoryCurlback, "")],
        bars: &[Bar { figure: Figure::More("curlback", "libcurl"), at_most: 1024.0, held: Held::AtTheBar }],
        in_ci: true,
    },
    Row {
        name: "multi-memory",
        title: "bytes that an idle multi handle takes",
        how: How::Reported("multi"),
        runs: &[run("libcurl", Who::MemoryLibcurl, ""), run("curlback", Who::MemoryCurlback, "")],
        bars: &[Bar { figure: Figure::More("curlback", "libcurl"), at_most: 1024.0, held: Held::AtTheBar }],
        in_ci: true,
    },
    Row {
        name: "one-get",
        title: "one small GET on a handle that is used again",
        how: How::Each { few: 100, many: 1000 },
        runs: &[
            run("libcurl", Who::Libcurl, "get {n} {nginx}/small.txt"),
            run("curlback", Who::Curlback, "get {n} {nginx}/small.txt"),
            run("curl crate", Who::Rust, "get {n} {nginx}/small.txt"),
            run("PycURL", Who::Pycurl, "get {n} {nginx}/small.txt"),
        ],
        bars: &[ratio("curlback", "PycURL", 0.95)],
        in_ci: false,
    },
    Row {
        name: "one-piece",
        title: "one piece of a body, 16 KiB, libcurl's receiving included",
        how: How::EachCallback,
        runs: &[
            run("libcurl", Who::Libcurl, "get 1 {nginx}/{n}MiB.bin"),
            run("curlback", Who::Curlback, "get 1 {nginx}/{n}MiB.bin"),
            run("curl crate", Who::Rust, "get 1 {nginx}/{n}MiB.bin"),
            run("PycURL", Who::Pycurl, "get 1 {nginx}/{n}MiB.bin"),
        ],
        bars: &[],
        in_ci: false,
    },
    Row {
        name: "load-2000",
        title: "2,000 slow transfers at once",
        how: How::FromMain,
        runs: SLOW_2000,
        bars: LOOP_INSTRUCTIONS,
        in_ci: false,
    },
    Row {
        name: "load-5000",
        title: "5,000 slow transfers at once",
        how: How::FromMain,
        runs: SLOW_5000,
        bars: LOOP_INSTRUCTIONS,
        in_ci: false,
    },
    Row {
        name: "load-small",
        title: "5,000 small GETs over 64 connections",
        how: How::FromMain,
        runs: &[
            run("epoll + socket_action", Who::LoadEpoll, "5000 64 {nginx}/small.txt"),
            run("perform + poll", Who::LoadPoll, "5000 64 {nginx}/small.txt"),
            run("curlback run", Who::LoadRun, "5000 64 {nginx}/small.txt"),
        ],
        bars: &[Bar {
            figure: Figure::Ratio("curlback run", "epoll + socket_action"),
            at_most: 1.02,
            held: Held::At(1.05, LOOP),
        }],
        in_ci: false,
    },
    Row {
        name: "load-2000-time",
        title: "2,000 slow transfers at once",
        how: How::Cpu,
        runs: SLOW_2000,
        bars: LOOP_TIME,
        in_ci: false,
    },
    Row {
        name: "load-5000-time",
        title: "5,000 slow transfers at once",
        how: How::Cpu,
        runs: SLOW_5000,
        bars: LOOP_TIME,
        in_ci: false,
    },
    Row {
        name: "threads",
        title: "1,000,000 times get_int, on each of some threads with a handle each: one thread's share",
        how: How::Cpu,
        runs: &[
            threads("libcurl, 1 thread", Who::Libcurl, "threads 1", 1),
            threads("libcurl, 8 threads", Who::Libcurl, "threads 8", 8),
            threads("curlback, 1 thread", Who::Curlback, "threads 1", 1),
            threads("curlback, 2 threads", Who::Curlback, "threads 2", 2),
            threads("curlback, 4 threads", Who::Curlback, "threads 4", 4),
            threads("curlback, 8 threads", Who::Curlback, "threads 8", 8),
        ],
        bars: &[
            told("curlback, 2 threads", "curlback, 1 thread", 1.1),
            told("curlback, 8 threads", "curlback, 1 thread", 1.1),
        ],
        in_ci: false,
    },
    Row {
        name: "callbacks-of-1GiB",
        title: "1 GiB download with Go: write callbacks",
        how: How::Reported("callbacks"),
        runs: &[
            run("Go, libcurl", Who::GoRaw, "get 1 {nginx}/1024MiB.bin"),
            run("Go, curlback", Who::GoCurlback, "get 1 {nginx}/1024MiB.bin"),
            run("Go, BatchBody", Who::GoCurlback, "get 1 {nginx}/1024MiB.bin 1048576"),
        ],
        bars: &[ratio("Go, BatchBody", "Go, libcurl", 1.0 / 50.0)],
        in_ci: false,
    },
    Row {
        name: "1GiB-time",
        title: "1 GiB download, write callback",
        how: How::Cpu,
        runs: &[
            run("libcurl", Who::Libcurl, "get 1 {nginx}/1024MiB.bin"),
            run("curlback", Who::Curlback, "get 1 {nginx}/1024MiB.bin"),
            run("curl crate", Who::Rust, "get 1 {nginx}/1024MiB.bin"),
            run("PycURL", Who::Pycurl, "get 1 {nginx}/1024MiB.bin"),
            run("Go, libcurl", Who::GoRaw, "get 1 {nginx}/1024MiB.bin"),
            run("Go, curlback", Who::GoCurlback, "get 1 {nginx}/1024MiB.bin"),
            run("Go, BatchBody", Who::GoCurlback, "get 1 {nginx}/1024MiB.bin 1048576"),
        ],
        bars: &[told("Go, BatchBody", "Go, libcurl", 1.0)],
        in_ci: false,
    },
    Row {
        name: "small-gets-time",
        title: "10,000 small GETs on one handle",
        how: How::Cpu,
        runs: &[
            run("libcurl", Who::Libcurl, "get 10000 {nginx}/small.txt"),
            run("curlback", Who::Curlback, "get 10000 {nginx}/small.txt"),
            run("curl crate", Who::Rust, "get 10000 {nginx}/small.txt"),
            run("PycURL", Who::Pycurl, "get 10000 {nginx}/small.txt"),
            run("Go, libcurl", Who::GoRaw, "get 10000 {nginx}/small.txt"),
            run("Go, curlback", Who::GoCurlback, "get 10000 {nginx}/small.txt"),
        ],
        bars: &[],
        in_ci: false,
    },
];
