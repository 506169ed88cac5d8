//! Tells what a picture of 28x28 pixels shows: a PGM file in, the label of the best class out.
//!
//!     cargo build --offline
//!     target/debug/classify ../boot.pgm

mod lenet;

use lenet::{Lenet, LENET_IMAGE_FLOATS, LENET_IMAGE_HEIGHT, LENET_IMAGE_WIDTH};

fn read_picture(path: &str) -> Result<[f32; LENET_IMAGE_FLOATS], String> {
    let data = std::fs::read(path).map_err(|error| format!("{path}: {error}"))?;
    let header = format!("P5\n{LENET_IMAGE_WIDTH} {LENET_IMAGE_HEIGHT}\n255\n");
    let pixels: Option<[u8; LENET_IMAGE_FLOATS]> = data
        .strip_prefix(header.as_bytes())
        .and_then(|pixels| pixels.try_into().ok());
    match pixels {
        Some(pixels) => Ok(pixels.map(f32::from)),
        None => Err(format!("{path}: not a PGM picture of 28x28 pixels")),
    }
}

fn main() -> Result<(), String> {
    let path = std::env::args()
        .nth(1)
        .ok_or("usage: classify PICTURE.pgm")?;
    let scores = Lenet::new().run(&read_picture(&path)?);
    let best = (0..scores.len()).max_by(|&a, &b| scores[a].total_cmp(&scores[b]));
    println!("{}", lenet::label(best.expect("there are classes")));
    Ok(())
}
