//! Decodes an Avro file some times over with arrow-avro, to record batches in memory, and prints the rows and the
//! seconds of each time, then its memory in KB. Usage: avro-peer FILE TIMES [ROWS-OF-A-BATCH]
use std::error::Error;
use std::fs::File;
use std::io::BufReader;

use arrow_avro::reader::ReaderBuilder;

/// Processor time, as bench-avro-decode takes it.
fn seconds() -> f64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the call writes to the one struct it is given.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut now) };
    now.tv_sec as f64 + now.tv_nsec as f64 / 1e9
}

/// In KB. Not ru_maxrss, which keeps what the process had before exec.
fn peak_memory() -> Result<u64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    Ok(number.ok_or("no VmHWM in /proc/self/status")?.parse()?)
}

fn decode(path: &str, batch_rows: usize) -> Result<usize, Box<dyn Error>> {
    let file = BufReader::with_capacity(1 << 20, File::open(path)?);
    let mut rows = 0;
    for batch in ReaderBuilder::new().with_batch_size(batch_rows).build(file)? {
        rows += std::hint::black_box(batch?).num_rows();
    }
    Ok(rows)
}

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().collect();
    if args.len() < 3 {
        return Err("usage: avro-peer FILE TIMES [ROWS-OF-A-BATCH]".into());
    }
    let batch_rows = args.get(3).map_or(Ok(10_000), |rows| rows.parse())?;
    for _ in 0..args[2].parse::<usize>()? {
        let start = seconds();
        let rows = decode(&args[1], batch_rows)?;
        println!("{} {:.6}", rows, seconds() - start);
    }
    println!("memory {}", peak_memory()?);
    Ok(())
}
