-- What was searched for activity of a cohort, accounts or resources, and what was found: as it was then, for logs come and go.
create table activity_searches (
  id uuid primary key,
  incident text references incidents,
  span_from timestamptz not null,
  span_to timestamptz not null,
  verdict text not null,
  -- The result as JSON text, not jsonb: a log may hold what jsonb refuses.
  result text not null,
  searched_at timestamptz not null,
  searched_by text not null
);
create index activity_searches_by_time on activity_searches (searched_at);
