// Staged rows joined to the registry, decided, and written as exposures.

/** Every identifier of a row that somebody of the registry has, each by the bit of its kind. In memory, for one slice of rows. */
export const HITS_COLUMNS = `(
  locator UInt64, kind UInt8, registry LowCardinality(String), account String, subject UUID
) engine = Memory`;

// In the order of their names, as `matched_by` lists them.
const KINDS = ["email", "key", "phone", "username"] as const;
const bit = (kind: (typeof KINDS)[number]): number => 1 << KINDS.indexOf(kind);

export function hitsSql({
  staged,
  into,
  registry,
}: {
  staged: string;
  into: string;
  registry: boolean;
}): string {
  const bits = `transform(toString(i.kind), ['${KINDS.join("', '")}'], [${KINDS.map(bit).join(", ")}], 0)`;
  return `
insert into ${into} (locator, kind, registry, account, subject)
select d.locator, ${bits}, i.registry, i.account, i.subject
from current_identifiers as i
inner join (select locator, arrayJoin(ids) as id, id.1 as kind, id.2 as value from ${staged}) as d on i.value = d.value
where i.kind = d.kind and i.kind in {kinds:Array(String)}${registry ? " and i.registry = {registry:String}" : ""}`;
}

// By the sum of the bits: `email + username`.
const MATCHED_BY = Array.from({ length: 1 << KINDS.length }, (_, mask) =>
  KINDS.filter((kind) => (mask & bit(kind)) > 0).join(" + "),
);
const MATCHED_BY_SQL = `['${MATCHED_BY.join("', '")}'][d.kinds + 1]`;

/** Only a name or a number fits, and the address in the row is not theirs. */
const DOUBTFUL = `bitAnd(d.kinds, ${bit("email") + bit("key")}) = 0 and s.address != ''`;

const ACCOUNT = "sipHash64(h.registry, h.account, h.subject)";

/**
 * A row is somebody's where all of its identifiers that are known point to that subject, and to no other one. Of the
 * subject's accounts, those count that every such identifier points to; where there is none, all that one points to. Where
 * that leaves no subject, or several, the row is ambiguous: each is *possibly* exposed. Known to nobody, a row with an
 * address exposes a person outside the registry. What only stands beside an identifier in a text is *possibly* its person's.
 */
export function matchSql({
  staged,
  hits,
  into,
}: {
  staged: string;
  hits: string;
  into: string;
}): string {
  return `
insert into ${into} (incident, evidence, registry, account, subject, category, act, sureness, locator, matched_by, detail, grade, mark)
with decided as (
  ${oneAccountSql(hits)}
  union all
  ${severalAccountsSql(hits)}
)
select {incident:String}, {evidence:String}, d.registry, d.account,
  if(d.kinds = 0, ${subjectSql("s.address")}, d.subject) as subject,
  s.category, {act:String},
  multiIf(s.near, 'possible', d.kinds = 0, {sure:String}, not d.certain, 'possible', ${DOUBTFUL} and {sure:String} = 'confirmed', 'likely', {sure:String}) as sureness,
  s.place as locator,
  concat(if(d.kinds = 0 or d.certain, '', 'ambiguous: '), ${MATCHED_BY_SQL},
    if(d.kinds > 0 and d.certain and ${DOUBTFUL}, ', other address', '')) as matched_by,
  s.detail, s.grade, s.mark
from (
  select locator, place, address, fact.1 as category, fact.2 as detail, fact.3 as grade, fact.4 as mark, fact.5 as near
  from ${staged} array join arrayConcat(arrayMap(f -> (f.1, f.2, f.3, f.4, false), facts), arrayMap(f -> (f.1, f.2, f.3, f.4, true), beside)) as fact
) as s
left join decided as d on d.locator = s.locator
where d.kinds > 0 or s.address != ''`;
}

// Nearly all rows: decided without an array. 190,000 in 0.1 s, against 1.8 s for the lists of the other ones' form.
function oneAccountSql(hits: string): string {
  return `select locator, toString(any(h.registry)) as registry, any(h.account) as account, any(h.subject) as subject,
    groupBitOr(h.kind) as kinds, true as certain
  from ${hits} as h group by locator having min(${ACCOUNT}) = max(${ACCOUNT})`;
}

function severalAccountsSql(hits: string): string {
  return `select locator, person.1 as registry, person.2 as account, person.3 as subject, kinds, certain
  from (
    select locator,
      groupArray((toString(h.registry), h.account, h.subject, h.kind)) as found,
      groupBitOr(h.kind) as kinds,
      arrayDistinct(found.3) as subjects,
      arrayFilter(s -> arrayReduce('groupBitOr', arrayFilter((k, x) -> x = s, found.4, found.3)) = kinds, subjects) as agreed,
      length(agreed) = 1 as certain,
      if(certain, arrayFilter(x -> x.3 = agreed[1], found), found) as mine,
      arraySort(arrayDistinct(arrayMap(x -> (x.1, x.2, x.3), mine))) as any_of,
      arrayFilter(a -> arrayReduce('groupBitOr', arrayMap(x -> x.4, arrayFilter(x -> (x.1, x.2, x.3) = a, mine))) = kinds, any_of) as all_of,
      if(certain and notEmpty(all_of), all_of, any_of) as people
    from ${hits} as h group by locator having min(${ACCOUNT}) != max(${ACCOUNT})
  )
  array join people as person`;
}

/** The subject of an address outside the registry: the first 16 bytes of SHA-256('', 0x00, address), written as a UUID. */
export function subjectSql(address: string): string {
  return `toUUID(UUIDNumToString(toFixedString(substring(SHA256(concat(char(0), ${address})), 1, 16), 16)))`;
}
