-- A run of many tasks is loaded by several transactions before it begins: until then no worker takes it up and nobody is shown it.
alter table work_runs
  -- Of a run that is loading: digest of all that decides its tasks. What a crash left is gone on with only for the same.
  add column inputs text,
  drop constraint work_runs_state_check,
  add constraint work_runs_state_check
    check (state in ('loading', 'running', 'paused', 'aborting', 'aborted', 'watching', 'complete'));
create unique index work_runs_loading_idx on work_runs (plan) where state = 'loading';
