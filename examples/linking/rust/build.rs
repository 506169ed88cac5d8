//! Compiles the network, links its object, and writes the constants of its header as Rust.

use std::{env, fs, path::PathBuf, process::Command};

fn main() {
    let folder = PathBuf::from(env::var("OUT_DIR").unwrap());
    let object = folder.join("lenet.o");
    let cnnc = Command::new("cnnc")
        .args(["-c", "../../lenet/lenet.cnn", "-o"])
        .arg(&object)
        .status();
    assert!(cnnc.expect("cnnc is in PATH").success());
    println!("cargo:rerun-if-changed=../../lenet");
    println!("cargo:rustc-link-arg={}", object.display());
    println!("cargo:rustc-link-arg=-lm");

    let header = fs::read_to_string(folder.join("lenet.h")).unwrap();
    fs::write(folder.join("lenet.rs"), constants(&header)).unwrap();
}

/// Lines such as `LENET_IMAGE_FLOATS = 784, /* 28x28x1 */`.
fn constants(header: &str) -> String {
    let mut text = String::new();
    for line in header.lines() {
        if let Some((name, value)) = line.trim().split_once(" = ") {
            if name.starts_with("LENET_") {
                let end = value.find([',', ' ']).unwrap_or(value.len());
                let value = &value[..end];
                text += &format!("#[allow(dead_code)]\npub const {name}: usize = {value};\n");
            }
        }
    }
    text
}
