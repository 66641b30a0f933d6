// Staged rows joined to the registry, decided, and written as exposures.

/**
 * A row is somebody's where all of its identifiers that are known point to that subject, and to no other one. Of the
 * subject's accounts, those count that every such identifier points to; where there is none, all that one points to. Where
 * that leaves no subject, or several, the row is ambiguous: each is *possibly* exposed. Known to nobody, a row with an
 * address exposes a person outside the registry.
 */
export function matchSql({
  staged,
  into,
  registry,
}: {
  staged: string;
  into: string;
  registry: boolean;
}): string {
  return `
insert into ${into} (incident, evidence, registry, account, subject, category, act, sureness, locator, matched_by, detail, grade, mark)
with hits as (
  select d.locator as locator, i.registry as registry, i.account as account, i.subject as subject, i.kind as kind
  from current_identifiers as i
  inner join (select locator, arrayJoin(ids) as id, id.1 as kind, id.2 as value from ${staged}) as d on i.value = d.value
  where i.kind = d.kind${registry ? " and i.registry = {registry:String}" : ""}
), candidates as (
  select locator, arraySort(groupUniqArray((toString(registry), account, subject, toString(kind)))) as found
  from hits group by locator
), decided as (
  select locator,
    arraySort(arrayDistinct(found.4)) as kinds,
    arrayDistinct(found.3) as subjects,
    if(length(subjects) = 1, subjects,
      arrayFilter(s -> length(arrayDistinct(arrayFilter((k, x) -> x = s, found.4, found.3))) = length(kinds), subjects)) as agreed,
    length(agreed) = 1 as certain,
    if(certain and length(subjects) > 1, arrayFilter(x -> x.3 = agreed[1], found), found) as mine,
    arrayDistinct(arrayMap(x -> (x.1, x.2, x.3), mine)) as any_of,
    if(length(any_of) = 1 or not certain, any_of,
      arrayFilter(a -> length(arrayDistinct(arrayMap(x -> x.4, arrayFilter(x -> (x.1, x.2, x.3) = a, mine)))) = length(kinds), any_of)) as all_of,
    if(empty(all_of), any_of, all_of) as people
  from candidates
)
select {incident:String}, {evidence:String}, person.1, person.2, person.3, fact.category, {act:String},
  multiIf(matched and not certain, 'possible', doubtful and {sure:String} = 'confirmed', 'likely', {sure:String}) as sureness,
  locator,
  multiIf(not matched, '', not certain, concat('ambiguous: ', by), doubtful, concat(by, ', other address'), by) as matched_by,
  fact.detail, fact.grade, fact.mark
from (
  select s.locator as locator, s.facts as facts, notEmpty(d.kinds) as matched, d.certain as certain,
    arrayStringConcat(d.kinds, ' + ') as by,
    -- Only a name or a number fits, and the address in the row is not theirs.
    matched and s.address != '' and not has(d.kinds, 'email') and not has(d.kinds, 'key') as doubtful,
    if(matched, d.people, if(s.address = '', [], [('', '', ${subjectSql("s.address")})])) as people
  from ${staged} as s left join decided as d on d.locator = s.locator
)
array join facts as fact
array join people as person`;
}

/** The subject of an address outside the registry: the first 16 bytes of SHA-256('', 0x00, address), written as a UUID. */
export function subjectSql(address: string): string {
  return `toUUID(UUIDNumToString(toFixedString(substring(SHA256(concat(char(0), ${address})), 1, 16), 16)))`;
}
