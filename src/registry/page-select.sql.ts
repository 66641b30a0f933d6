// One page of a source → rows of `accounts`: everything about one row that SQL can find out, set at a time. Each level of the
// select gives names to what the next one needs.
import type { RegistrySource } from "../config/registry-schema.ts";
import { addressSql, textSql, trueSql, truthSql } from "./value.sql.ts";
import { emailKeySql } from "./email-key.ts";
import { mixedScriptsSql } from "./mixed-scripts.ts";
import { readColumns } from "./columns.ts";
import type { Page } from "./page.ts";
import { phoneKeySql } from "./phone-key.ts";
import { quoted } from "./sql-text.ts";
import { usernameKeySql } from "./username-key.ts";

export type PageSelectInput = {
  readonly registry: string;
  readonly source: RegistrySource;
  readonly page: Page;
  readonly layer: number;
  /** Born after this day (yyyymmdd): a minor. */
  readonly minorAfter: string;
  /** True where registry_phones holds what the page's odd numbers are by their country's plan. */
  readonly plans: boolean;
};

/** The column order of every insert into `accounts`. */
export const ACCOUNT_COLUMNS =
  "registry, layer, row, account, subject, tenant, email, address, username, phone, name, country, region, language, " +
  "contact_role, contact_address, do_not_contact, minor, estate, attributes, changed, state, notes, row_hash";

export function pageSelect(input: PageSelectInput): (file: string) => string {
  return (file) => {
    const raw = rawLevel(input, file);
    const keyed = keyedLevel(input, raw);
    const decided = decidedLevel(input, keyed);
    return finalLevel(input, decided);
  };
}

/** Numbers of the page that only a country's plan can complete, once each. */
export function oddPhones({
  registry,
  source,
  page,
  layer,
}: PageSelectInput): (file: string) => string {
  const column = source.identifiers.phone;
  const value = (name: string | undefined): string =>
    name === undefined ? "''" : textSql(page.values.get(name) ?? "''", page.tidy);
  return (file) => `(registry, layer, raw, country, e164)
    select distinct ${quoted(registry)}, ${layer}, raw, country, null from (
      select ${value(column)} as raw, ${countrySql(value(source.country))} as country from ${file}${whereSql(page)})
    where raw != '' and ${phoneKeySql("raw")} = ''`;
}

function whereSql({ where }: Page): string {
  return where === undefined ? "" : ` where ${where}`;
}

function rawLevel({ source, page }: PageSelectInput, file: string): string {
  const text = (column: string | undefined): string =>
    column === undefined ? "''" : textSql(page.values.get(column) ?? "''", page.tidy);
  const deleted = trueSql(text(source.deleted), source.deleted !== undefined);
  // A closed account keeps its ids and nothing else. `repeat` and not `if`, which would put every value off until it is needed.
  const value = (column: string | undefined): string =>
    source.deleted === undefined || column === undefined
      ? text(column)
      : `repeat(${text(column)}, not r_deleted)`;
  const { identifiers, contacts } = source;
  const texts = {
    r_deleted: deleted,
    r_account: text(source.key),
    r_email: value(identifiers.email),
    r_username: value(identifiers.username),
    r_phone: value(identifiers.phone),
    r_name: value(source.name),
    r_country: countrySql(value(source.country)),
    r_region: value(source.region),
    r_language: value(source.language),
    r_tenant: value(source.tenant),
    r_guardian: value(contacts.guardian),
    r_estate: value(contacts.estate),
    r_security: value(contacts.security),
    r_billing: value(contacts.billing),
    r_minor: value(source.minor),
    r_quiet: value(source.do_not_contact),
    r_changed: text(source.changed),
    r_shared: trueSql(value(source.shared_mailbox), source.shared_mailbox !== undefined),
    r_person: personSql(source, value),
    r_attributes: attributesSql(source, value),
    r_flaw: page.flaw ?? "''",
    r_raw_key: page.values.get(source.key) ?? "''",
    r_flaws: page.tidy ? "emptyArrayString()" : flawsSql([...page.values.values()]),
  };
  const all = readColumns(source).map((column) =>
    column === source.key ? text(column) : value(column),
  );
  const columns = Object.entries({
    ...texts,
    r_hash: `sipHash64(concat(${[...all, "''"].join(", char(31), ")}))`,
  }).map(([name, sql]) => `${sql} as ${name}`);
  const row = page.rowNumber ?? `rowNumberInAllBlocks() + ${page.firstRow}`;
  return `select ${row} as row, ${columns.join(",\n")} from ${file}${whereSql(page)}`;
}

function keyedLevel({ registry, source, layer, plans }: PageSelectInput, raw: string): string {
  const phone = source.identifiers.phone !== undefined;
  const columns = [
    `${emailKeySql("r_email")} as address`,
    `${usernameKeySql("r_username")} as username`,
    `${phone ? phoneKeySql("r_phone") : "''"} as plain_phone`,
    ...(["guardian", "estate", "security", "billing"] as const).map((role) => {
      const written =
        source.contacts[role] === undefined
          ? "''"
          : addressSql(`r_${role}`, emailKeySql(`r_${role}`));
      return `${written} as ${role}_address`;
    }),
    `${truthSql("r_minor")} as minor_truth`,
    `replaceAll(substring(r_minor, 1, 10), '-', '') as born`,
    `match(born, '^[12][0-9]{7}$') as has_birth_date`,
  ];
  const table = plans
    ? `(${raw}) as page left join (
        select raw, country as plan_country, e164 from registry_phones
        where registry = ${quoted(registry)} and layer = ${layer} and e164 is not null) as plan
      on r_phone = plan.raw and r_country = plan.plan_country`
    : `(${raw}) as page`;
  const e164 = !phone
    ? "''"
    : !plans
      ? "plain_phone"
      : "if(plain_phone != '', plain_phone, ifNull(plan.e164, ''))";
  return `select page.*, ${columns.join(",\n")}, ${e164} as phone from ${table}`;
}

// Unicode's own answer to "who is that" is the address; other person keys begin with a NUL, which no address holds.
function decidedLevel({ registry, source, minorAfter }: PageSelectInput, keyed: string): string {
  const alone = "concat(char(0), 'account', char(0), r_account)";
  const person = source.subject
    ? `if(r_person = '', ${alone}, concat(char(0), 'subject', char(0), r_person))`
    : `if(address = '' or r_shared, ${alone}, address)`;
  return `select *,
    multiIf(r_flaw != '', r_flaw, r_raw_key = '' or r_account = '', 'missing-key',
      length(r_raw_key) > 500 or position(r_raw_key, char(0)) > 0, 'unusable-key', '') as key_flaw,
    multiIf(key_flaw != '', 'aside', r_deleted, 'closed', 'current') as row_state,
    sipHash64(r_hash, r_deleted, is_minor) as row_hash,
    minor_truth = 1 or (has_birth_date and born > ${quoted(minorAfter)}) as is_minor,
    r_estate != '' as is_estate,
    ${addressSql("r_email", "address")} as owner_address,
    ${choice(source, (role) => quoted(role))} as role,
    ${person} as person_key,
    UUIDNumToString(toFixedString(substring(SHA256(concat(${quoted(registry)}, char(0), person_key)), 1, 16), 16)) as subject_text
  from (${keyed})`;
}

/** Who is written to, as `then` of the role: one branch for each contact that the source has. */
function choice({ contacts }: RegistrySource, then: (role: string) => string): string {
  const all: readonly (readonly [given: unknown, when: string, role: string])[] = [
    [contacts.estate, "is_estate", "estate"],
    [contacts.guardian, "is_minor and guardian_address != ''", "guardian"],
    [contacts.security ?? contacts.billing, "owner_address != ''", "owner"],
    [contacts.security, "security_address != ''", "security"],
    [contacts.billing, "billing_address != ''", "billing"],
  ];
  const given = all.filter(([column]) => column !== undefined);
  if (given.length === 0) return then("owner");
  return `multiIf(${given.map(([, when, role]) => `${when}, ${then(role)}`).join(", ")}, ${then("owner")})`;
}

function finalLevel(input: PageSelectInput, decided: string): string {
  const { registry, source, layer, page } = input;
  const broken = page.broken.map(({ row }) => row).join(", ");
  const values = `select ${quoted(registry)} as registry, toUInt64(${layer}) as layer, row,
    if(row_state = 'aside', '', r_account) as account,
    toUUID(subject_text) as subject,
    r_tenant as tenant, r_email as email, address, username, phone, r_name as name,
    ${source.country === undefined ? "''" : "if(match(r_country, '^[A-Z]{2}$'), r_country, '')"} as country,
    ${source.region === undefined ? "''" : regionSql()} as region,
    replaceAll(r_language, '_', '-') as language,
    role as contact_role,
    ${choice(source, (role) => `${role}_address`)} as contact_address,
    ${source.do_not_contact === undefined ? "''" : `multiIf(${truthSql("r_quiet")} = 0, '', ${truthSql("r_quiet")} = 1, 'do not contact', r_quiet)`} as do_not_contact,
    is_minor as minor, is_estate as estate, r_attributes as attributes, r_changed as changed,
    row_state as state, ${notesSql(input)} as notes, row_hash
  from (${decided})${broken === "" ? "" : ` where row not in (${broken})`}`;
  return `(${ACCOUNT_COLUMNS}) ${values}`;
}

// Most rows have nothing to be noted: one condition spares them the list. 0.25 µs a row against 1.8.
function notesSql({ source, page }: PageSelectInput): string {
  const { identifiers, contacts } = source;
  const all: readonly (readonly [given: unknown, when: string, reason: string])[] = [
    [identifiers.email, "address = '' and r_email = ''", "no-address"],
    [identifiers.email, "address = '' and r_email != ''", "invalid-address"],
    [contacts.estate, "is_estate and estate_address = ''", "invalid-estate-address"],
    [contacts.guardian, "r_guardian != '' and guardian_address = ''", "invalid-guardian-address"],
    [source.minor, "is_minor and guardian_address = ''", "minor-without-guardian"],
    [source.minor, "minor_truth = 2 and not has_birth_date", "unreadable-birth-date"],
    [identifiers.phone, "r_phone != '' and phone = ''", "invalid-phone"],
    [source.country, "r_country != '' and not match(r_country, '^[A-Z]{2}$')", "unknown-country"],
    [true, `${mixedScriptsSql("address")} or ${mixedScriptsSql("username")}`, "mixed-scripts"],
  ];
  const given = all.filter(([column]) => column !== undefined);
  const notes = given.map(([, when, reason]) => `if(${when}, ${quoted(reason)}, '')`);
  const found = `multiIf(row_state = 'closed', emptyArrayString(), row_state = 'aside', [key_flaw],
    arrayConcat(r_flaws, arrayFilter(nt -> nt != '', [${notes.join(",\n")}])))`;
  const any = [
    ...given.map(([, when]) => `(${when})`),
    "row_state != 'current'",
    ...(page.tidy ? [] : ["notEmpty(r_flaws)"]),
  ];
  return `if(${any.join(" or ")}, ${found}, emptyArrayString())`;
}

// Values that stand for nothing but a column's own emptiness are no person.
function personSql(
  { subject = [], identifiers }: RegistrySource,
  value: (column: string) => string,
): string {
  if (subject.length === 0) return "''";
  const parts = subject.map((column) =>
    column === identifiers.email ? emailKeySql(value(column)) : usernameKeySql(value(column)),
  );
  const joined = `arrayStringConcat([${parts.join(", ")}], char(31))`;
  return `if(replaceAll(${joined}, char(31), '') = '', '', ${joined})`;
}

function attributesSql({ attributes }: RegistrySource, value: (column: string) => string): string {
  const pairs = attributes.map((column) => `${quoted(column)}, ${value(column)}`);
  return `CAST(map(${pairs.join(", ")}), 'Map(LowCardinality(String), String)')`;
}

function flawsSql(values: readonly string[]): string {
  const all = `[${values.join(", ")}]`;
  const notes = [
    `if(arrayExists(fl -> position(fl, char(0)) > 0, ${all}), 'nul-byte', '')`,
    `if(arrayExists(fl -> not isValidUTF8(fl), ${all}), 'wrong-encoding', '')`,
    `if(arrayExists(fl -> length(fl) > 4000, ${all}), 'value-too-long', '')`,
  ];
  return `arrayFilter(nt -> nt != '', [${notes.join(", ")}])`;
}

/** The two names of countries that people write instead of the code. */
function countrySql(value: string): string {
  return value === "''" ? value : `transform(upper(${value}), ['UK', 'EL'], ['GB', 'GR'])`;
}

/** ISO 3166-2: the country's prefix is added where the source leaves it out. */
function regionSql(): string {
  return `multiIf(match(r_region, '^[A-Za-z0-9]{1,3}$') and match(r_country, '^[A-Z]{2}$'),
    concat(r_country, '-', upper(r_region)), r_region)`;
}
