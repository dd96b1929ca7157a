//! Settings: changed by an action that takes its time, and read back, since the API does not say what it made of a value.

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use std::time::Duration;

use crate::backends::api_v3::ApiV3;
use crate::backends::api_v3::action::{Action, End};
use crate::backends::api_v3::api::escaped;
use crate::backends::api_v3::lenient::{is_true, some_text, text};
use crate::backends::api_v3::pauses::Pauses;
use crate::backends::{BackendError, Result, SettingChange};
use crate::domain::duration;
use crate::domain::profile::BackendKind;
use crate::domain::setting::{self, Setting, SettingError, same_value};
use crate::http::Method;

/// How long a change may take; as long as `cx` waits.
const PATIENCE: Duration = Duration::from_mins(20);

impl ApiV3 {
    pub(super) async fn all_settings(&self) -> Result<Vec<Setting>> {
        let items = self.api.list(&self.path("/settings"), &[]).await?;
        let mut settings: Vec<Setting> = items.iter().filter_map(setting_of).collect();
        settings.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(settings)
    }

    pub(super) async fn change_setting(&self, key: &str, value: &str) -> Result<SettingChange> {
        let settings = self.all_settings().await?;
        let before = setting::find(&settings, key)?;
        if before.readonly {
            return Err(self.readonly(key));
        }
        if same_value(&before.value, value) {
            return Ok(SettingChange { setting: before.clone(), changed: false, note: None });
        }
        let id = escaped(&key.replace('.', "-"));
        let body = json!({ "value": value });
        let action = self.api.send(Method::PUT, &self.path(&format!("/settings/{id}")), &[], Some(&body)).await?;
        let end = self.end_of(Action::of(&action.response), key).await?;
        let note = end.message.filter(|_| end.success);
        let settings = self.all_settings().await?;
        let setting = setting::find(&settings, key)?.clone();
        if same_value(&setting.value, value) {
            return Ok(SettingChange { setting, changed: true, note: note.and_then(|note| self.worth_telling(&note)) });
        }
        Err(self.not_done(key, format!("it is still {:?}", setting.value)))
    }

    /// Waits until a change has ended.
    async fn end_of(&self, action: Option<Action>, key: &str) -> Result<End> {
        let mut action = action.ok_or_else(|| self.odd("it should be an action, and is none"))?;
        let (begun, mut pauses) = (Instant::now(), Pauses::default());
        loop {
            match action.end {
                Some(end) if end.success => return Ok(end),
                Some(end) => {
                    return Err(self.not_done(key, end.message.unwrap_or_else(|| "it does not say why".to_owned())));
                }
                None if begun.elapsed() > PATIENCE => {
                    let (api, what) = (self.api.who().api.clone(), format!("the change of {key}"));
                    return Err(BackendError::StillGoing { api, what, waited: duration::show(PATIENCE) });
                }
                None => {}
            }
            sleep(pauses.next(self.api.limits())).await;
            action = self.action(action.id).await?;
        }
    }

    fn readonly(&self, key: &str) -> BackendError {
        match self.api.kind() {
            BackendKind::Server => SettingError::Readonly { key: key.to_owned() }.into(),
            _ => BackendError::NotForThisApp(format!("the setting `{key}` is readonly")),
        }
    }

    fn not_done(&self, key: &str, said: String) -> BackendError {
        BackendError::NotDone { api: self.api.who().api.clone(), what: format!("the change of {key}"), said }
    }

    /// Our own server repeats what was asked for, before what there is to know.
    fn worth_telling(&self, message: &str) -> Option<String> {
        match self.api.kind() {
            BackendKind::Server => message.split_once("; ").map(|(_, note)| note.to_owned()),
            _ => Some(message.to_owned()),
        }
    }
}

fn setting_of(setting: &Value) -> Option<Setting> {
    Some(Setting {
        key: some_text(&setting["key"])?,
        value: text(&setting["value"]),
        readonly: is_true(&setting["readonly"]),
    })
}
