//! The header by bindgen.

use std::env;
use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let variable = |name: &str| {
        println!("cargo:rerun-if-env-changed={name}");
        env::var(name).map_err(|error| format!("{name}: {error}"))
    };
    let (header, preprocessed) = (variable("GENERATORS_SYSTEM_H")?, variable("GENERATORS_PREPROCESSED")?);
    let library = variable("GENERATORS_LIBRARY")?;
    let folder = Path::new(&preprocessed).parent().ok_or("a header without a folder")?;
    println!("cargo:rerun-if-changed={preprocessed}");
    let bindings = bindgen::builder()
        .header(header)
        .clang_arg(format!("-I{}", folder.display()))
        .allowlist_item("(curlback|CURLBACK)_.*")
        .prepend_enum_name(false)
        .opaque_type("FILE|_IO_FILE")
        .parse_callbacks(Box::new(bindgen::CargoCallbacks::new()))
        .generate()?;
    bindings.write_to_file(Path::new(&env::var("OUT_DIR")?).join("curlback.rs"))?;
    println!("cargo:rustc-link-search={library}");
    println!("cargo:rustc-link-lib=curlback");
    println!("cargo:rustc-link-arg=-Wl,-rpath,{library},--disable-new-dtags");
    Ok(())
}
