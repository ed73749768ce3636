//! The sandbox from outside: every test starts its own and speaks HTTP to it over loopback.

mod api_faults;
mod callback_faults;
mod control;
mod cors;
mod external;
mod flow;
mod guard;
mod id_tokens;
mod initiate_faults;
mod once;
mod other_provider;
mod program;
mod provider;
mod serving;
mod stand;
mod strictness;
