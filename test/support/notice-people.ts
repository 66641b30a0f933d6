import type { NoticeExposure, NoticePerson } from "../../src/notices/person.ts";
import type { NoticeSettings } from "../../src/notices/settings.ts";

const EN = `# Your {{ organisation.name }} account: what happened and what to do

{{ greeting }}

Someone got into one of our databases ({{ window }}). This is about {{ accounts }}.

{{ exposed }}
{% if exposed contains "token.github" %}
**What we did:** the token was switched off at GitHub.
{% endif %}
{{ advice }}

{{ reference }}
`;

const FR = `---
subject: Votre compte {{ organisation.name }} : ce qui s’est passé et que faire
---
{{ greeting }}

Quelqu’un a eu accès à l’une de nos bases de données ({{ window }}). Il s’agit de {{ accounts }}.

{{ exposed }}
{% if exposed contains "token.github" %}
**Ce que nous avons fait :** le jeton a été désactivé chez GitHub.
{% endif %}
{{ advice }}

{{ reference }}
`;

const JA = `# {{ organisation.name }} のアカウントに関する重要なお知らせ

{{ greeting }}

当社のデータベースの一つに不正なアクセスがありました（{{ window }}）。対象は{{ accounts }}です。

{{ exposed }}
{% if exposed contains "token.github" %}
**当社の対応：** GitHub のトークンを無効にしました。
{% endif %}
{{ advice }}

{{ reference }}
`;

export function noticeSettings(over: Partial<NoticeSettings> = {}): NoticeSettings {
  return {
    incident: "test-incident",
    title: "Unauthorised access to one database",
    window: { from: "2019-04-25T16:40:00Z", to: "2019-04-25T17:10:00Z" },
    provider: "sink",
    from: { name: "Example Cloud", address: "security@example.cloud" },
    correction: false,
    wave: 1,
    templates: { en: EN, fr: FR, ja: JA },
    organisation: {
      name: "Example Cloud",
      domain: "example.cloud",
      site: "https://example.cloud",
      contact: "privacy@example.cloud",
      languages: ["en", "fr"],
    },
    ...over,
  };
}

export function exposure(category: string, over: Partial<NoticeExposure> = {}): NoticeExposure {
  return { category, sureness: "confirmed", act: "acquired", detail: "", fresh: true, ...over };
}

export function noticePerson(over: Partial<NoticePerson> = {}): NoticePerson {
  return {
    to: "j.tanaka@example.org",
    role: "owner",
    language: "en",
    name: "Jun Tanaka",
    wave: 1,
    correction: false,
    accounts: [{ account: "1", username: "jtanaka", exposed: [exposure("user.account.username")] }],
    ...over,
  };
}
