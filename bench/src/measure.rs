//! Many sign-ins, in turns, so that whatever else the machine does hits all pages alike.

use std::time::Duration;

use anyhow::{Context as _, Result};
use app_tests::browser::{Browser, BrowserOptions};
use serde_json::{Value, json};

use crate::condition::{CONDITIONS, Cache, Condition};
use crate::options::{FLOOR, MEMORY, Options};
use crate::provider::Provider;
use crate::report;
use crate::sign_in::{Held, Taken, User};
use crate::site::{Content, Site};

/// The page written by hand.
const FLOOR_PAGE: &str = include_str!("../floor.html");

/// Sign-ins before the first that counts where the cache is warm: the browser keeps compiled code only of what it has seen
/// before.
const WARM_UPS: usize = 3;

/// How long such a sign-in is left alone at its end: compiled WebAssembly is kept after two seconds without more of it.
const KEEPING: Duration = Duration::from_millis(2500);

/// Sign-ins in one tab before memory is looked at for the last time.
const MANY: usize = 10;

/// How often that is done, each time in a new browser.
const MEMORY_RUNS: usize = 3;

/// What a value counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Unit {
    Milliseconds,
    Bytes,
    Count,
}

/// What one kind of value is.
#[derive(Debug)]
pub(crate) struct Measure {
    /// For programs.
    pub(crate) name: &'static str,
    /// For tables.
    pub(crate) title: &'static str,
    pub(crate) unit: Unit,
}

/// The values of a [`Taken`], in the order of [`values_of`].
const OF_TIME: &[Measure] = &[
    Measure { name: "login_ms", title: "Until the login request, ms", unit: Unit::Milliseconds },
    Measure { name: "heading_ms", title: "Until the signed-in heading, ms", unit: Unit::Milliseconds },
    Measure { name: "usable_ms", title: "Until the page can be used, ms", unit: Unit::Milliseconds },
    Measure { name: "work_ms", title: "Main thread, ms", unit: Unit::Milliseconds },
    Measure { name: "scripts_ms", title: "of that in scripts, ms", unit: Unit::Milliseconds },
    Measure { name: "requests", title: "Requests before the login request", unit: Unit::Count },
    Measure { name: "bytes", title: "Bytes from the server", unit: Unit::Bytes },
];

/// The values of two [`Held`].
const OF_MEMORY: &[Measure] = &[
    Measure { name: "heap_1", title: "JavaScript heap after 1, bytes", unit: Unit::Bytes },
    Measure { name: "heap_10", title: "JavaScript heap after 10, bytes", unit: Unit::Bytes },
    Measure { name: "wasm_1", title: "WebAssembly memory after 1, bytes", unit: Unit::Bytes },
    Measure { name: "wasm_10", title: "WebAssembly memory after 10, bytes", unit: Unit::Bytes },
];

fn values_of(taken: &Taken) -> Vec<f64> {
    let Taken { login, heading, usable, work, scripts, bytes, requests } = *taken;
    vec![login, heading, usable, work, scripts, requests, bytes]
}

/// Everything that was measured under one condition.
#[derive(Debug)]
pub(crate) struct Block {
    /// The condition, for programs.
    pub(crate) name: &'static str,
    /// The condition, for people.
    pub(crate) title: &'static str,
    pub(crate) measures: &'static [Measure],
    /// By page and by measure, all values.
    pub(crate) values: Vec<Vec<Vec<f64>>>,
}

impl Block {
    fn new(name: &'static str, title: &'static str, measures: &'static [Measure], pages: usize) -> Self {
        Self { name, title, measures, values: vec![vec![Vec::new(); measures.len()]; pages] }
    }

    /// Adds one value of each measure.
    fn add(&mut self, page: usize, values: &[f64]) {
        for (all, value) in self.values.iter_mut().skip(page).take(1).flatten().zip(values) {
            all.push(*value);
        }
    }
}

/// All that was measured.
#[derive(Debug)]
pub(crate) struct Figures {
    /// Name and version of the browser.
    pub(crate) browser: String,
    /// How many sign-ins each figure of time comes from.
    pub(crate) runs: usize,
    /// How busy the machine was before each block, as it counts that; nothing where it does not.
    pub(crate) loads: Vec<f64>,
    /// The names of the pages; the floor is the last.
    pub(crate) pages: Vec<String>,
    pub(crate) blocks: Vec<Block>,
}

impl Figures {
    /// Every value, for programs.
    pub(crate) fn json(&self) -> Value {
        let named = |block: &Block, page: &Vec<Vec<f64>>| -> Value {
            block.measures.iter().zip(page).map(|(measure, values)| (measure.name.to_owned(), json!(values))).collect()
        };
        let block = |block: &Block| {
            let pages = self.pages.iter().zip(&block.values);
            let pages: Value = pages.map(|(name, page)| (name.clone(), named(block, page))).collect();
            (block.name.to_owned(), pages)
        };
        let conditions: Value = self.blocks.iter().map(block).collect();
        json!({"browser": self.browser, "runs": self.runs, "loads": self.loads, "conditions": conditions})
    }
}

/// The servers of all pages, and the provider.
pub(crate) struct Bench {
    provider: Provider,
    names: Vec<String>,
    sites: Vec<Site>,
}

impl Bench {
    /// Starts them, each page at an origin of its own.
    pub(crate) async fn start(options: &Options) -> Result<Self> {
        let provider = Provider::start().await?;
        let (mut names, mut sites) = (Vec::new(), Vec::new());
        for (name, folder) in &options.builds {
            println!("Compressing {name}");
            names.push(name.clone());
            sites.push(Site::start(Content::of_folder(folder)?, &provider.origin).await?);
        }
        names.push(FLOOR.to_owned());
        sites.push(Site::start(Content::of_page(FLOOR_PAGE)?, &provider.origin).await?);
        Ok(Self { provider, names, sites })
    }

    /// Measures all that was asked for.
    pub(crate) async fn run(&self, options: &Options) -> Result<Figures> {
        let browser = Browser::start(&BrowserOptions::default()).await?;
        let version = browser.devtools("Browser.getVersion", json!({})).await?;
        let mut figures = Figures {
            browser: version["product"].as_str().unwrap_or_default().replace('/', " "),
            runs: options.runs,
            loads: Vec::new(),
            pages: self.names.clone(),
            blocks: Vec::new(),
        };
        let user = User::new(&browser, &self.provider).await?;
        for condition in &options.conditions {
            figures.loads.extend(load());
            let block = self.time(&user, condition, options.runs).await.context(condition.title)?;
            println!("{}", report::block(&block, &figures.pages));
            figures.blocks.push(block);
        }
        browser.close().await?;
        drop(browser);
        if options.memory {
            figures.loads.extend(load());
            let block = self.memory().await.context("memory")?;
            println!("{}", report::block(&block, &figures.pages));
            figures.blocks.push(block);
        }
        Ok(figures)
    }

    async fn time(&self, user: &User<'_>, condition: &'static Condition, runs: usize) -> Result<Block> {
        // Also after conditions that emptied the cache.
        let (warm_ups, keeping) = match condition.cache {
            Cache::Warm => (WARM_UPS, KEEPING),
            Cache::Cold => (1, Duration::ZERO),
        };
        for _ in 0..warm_ups {
            for site in &self.sites {
                user.sign_in(site, condition).await?;
                tokio::time::sleep(keeping).await;
            }
        }
        let mut block = Block::new(condition.name, condition.title, OF_TIME, self.sites.len());
        for run in 0..runs {
            for page in turns(run, self.sites.len()) {
                let site = self.sites.get(page).context("no such page")?;
                block.add(page, &values_of(&user.sign_in(site, condition).await?));
            }
        }
        Ok(block)
    }

    async fn memory(&self) -> Result<Block> {
        let mut block = Block::new(
            MEMORY,
            "Memory after 1 and after 10 sign-ins in one tab, in 3 new browsers",
            OF_MEMORY,
            self.sites.len(),
        );
        let condition = CONDITIONS.first().context("no condition")?;
        for _ in 0..MEMORY_RUNS {
            for (page, site) in self.sites.iter().enumerate() {
                let browser = Browser::start(&BrowserOptions::default()).await?;
                let user = User::new(&browser, &self.provider).await?;
                user.keep_memories().await?;
                user.sign_in(site, condition).await?;
                let first = user.held().await?;
                for _ in 1..MANY {
                    user.sign_in(site, condition).await?;
                }
                let last = user.held().await?;
                let (Held { heap: heap_1, wasm: wasm_1 }, Held { heap: heap_10, wasm: wasm_10 }) = (first, last);
                block.add(page, &[heap_1, heap_10, wasm_1, wasm_10]);
                browser.close().await?;
            }
        }
        Ok(block)
    }
}

/// How many programs of the machine wanted to run, on average over the last minute, this one's among them.
fn load() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/loadavg").ok()?;
    text.split_whitespace().next()?.parse().ok()
}

/// The order of the pages in one run: each time another is the first, as the first of a run may be better or worse off.
fn turns(run: usize, pages: usize) -> impl Iterator<Item = usize> {
    (0..pages).map(move |page| (page + run) % pages)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_take_turns() {
        let order = |run| turns(run, 3).collect::<Vec<_>>();
        assert_eq!([order(0), order(1), order(2), order(3)], [[0, 1, 2], [1, 2, 0], [2, 0, 1], [0, 1, 2]]);
    }

    #[test]
    fn values_stay_with_their_page_and_measure() {
        let mut block = Block::new("warm", "Warm", OF_MEMORY, 2);
        block.add(1, &[1.0, 2.0, 3.0, 4.0]);
        block.add(1, &[5.0, 6.0, 7.0, 8.0]);
        assert_eq!(block.values[0], vec![Vec::<f64>::new(); 4]);
        assert_eq!(block.values[1][1], [2.0, 6.0]);
        let figures = Figures {
            browser: "B".into(),
            runs: 2,
            loads: vec![1.0],
            pages: vec!["app".into(), "floor".into()],
            blocks: vec![block],
        };
        assert_eq!(figures.json()["conditions"]["warm"]["floor"]["wasm_10"], json!([4.0, 8.0]));
    }
}
