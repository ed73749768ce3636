//! Pictures for people to look at.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::browser::Browser;

/// The narrowest page that must work (contract §6), a telephone, a desk.
const WIDTHS: [u32; 3] = [320, 360, 1280];

impl Browser {
    /// Saves pictures of the page, narrow and wide, light and dark, if `APP_SCREENSHOTS` names a directory.
    pub async fn photograph(&self, name: &str) -> Result<()> {
        let Some(folder) = std::env::var_os("APP_SCREENSHOTS").map(PathBuf::from) else { return Ok(()) };
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        for width in WIDTHS {
            for scheme in ["light", "dark"] {
                self.look_like(width, scheme).await?;
                let picture = self.devtools("Page.captureScreenshot", json!({"captureBeyondViewport": true})).await?;
                let picture = STANDARD.decode(picture["data"].as_str().unwrap_or_default())?;
                let path = folder.join(format!("{name}-{width}-{scheme}.png"));
                std::fs::write(&path, picture).with_context(|| format!("cannot write {}", path.display()))?;
            }
        }
        self.devtools("Emulation.clearDeviceMetricsOverride", json!({})).await?;
        self.devtools("Emulation.setEmulatedMedia", json!({"features": []})).await?;
        Ok(())
    }

    /// Makes the page look as on a screen of 1280 by 720 pixels when it is enlarged: at 200 %, a CSS pixel is two pixels wide.
    pub async fn zoom(&self, percent: u32) -> Result<()> {
        let (width, height) = (1280 * 100 / percent, 720 * 100 / percent);
        let metrics =
            json!({"width": width, "height": height, "deviceScaleFactor": f64::from(percent) / 100.0, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await?;
        Ok(())
    }

    /// Gives the page a width in CSS pixels and a colour scheme, `light` or `dark`.
    pub async fn look_like(&self, width: u32, scheme: &str) -> Result<()> {
        let metrics = json!({"width": width, "height": 720, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await?;
        let media = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.devtools("Emulation.setEmulatedMedia", media).await?;
        Ok(())
    }
}
