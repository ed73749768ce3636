//! Faults ordered from outside, for the next requests of anybody.

use std::collections::VecDeque;
use std::sync::Mutex;

use crate::fault::{Endpoint, Fault};
use crate::sync::locked;

/// How many requests an ordered fault meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Times {
    /// The next request.
    Once,
    /// The next so many requests.
    Count(u32),
    /// Every request until the faults are cleared or another is ordered for the endpoint.
    Always,
}

/// That fault cannot be had at that endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSuchFault {
    /// Where it was ordered.
    pub endpoint: Endpoint,
    /// What was ordered.
    pub fault: Fault,
}

impl std::fmt::Display for NoSuchFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (fault, endpoint) = (self.fault.name(), self.endpoint.name());
        write!(f, "`{endpoint}` has no fault `{fault}`")
    }
}

impl std::error::Error for NoSuchFault {}

struct Order {
    endpoint: Endpoint,
    fault: Fault,
    times: Times,
}

/// The orders, oldest first: for one endpoint they are met one after the other.
#[derive(Default)]
pub(crate) struct Plan {
    orders: Mutex<VecDeque<Order>>,
}

impl Plan {
    pub(crate) fn order(&self, endpoint: Endpoint, fault: Fault, times: Times) -> Result<(), NoSuchFault> {
        if !fault.applies_to(endpoint) {
            return Err(NoSuchFault { endpoint, fault });
        }
        let mut orders = locked(&self.orders);
        // Nothing that waits behind an endless order would ever be met.
        orders.retain(|order| order.endpoint != endpoint || order.times != Times::Always);
        orders.push_back(Order { endpoint, fault, times });
        Ok(())
    }

    pub(crate) fn clear(&self) {
        locked(&self.orders).clear();
    }

    /// The fault that the request at hand meets; counts it.
    pub(crate) fn meet(&self, endpoint: Endpoint) -> Option<Fault> {
        let mut orders = locked(&self.orders);
        orders.retain(|order| order.times != Times::Count(0));
        let at = orders.iter().position(|order| order.endpoint == endpoint)?;
        let order = &mut orders[at];
        let fault = order.fault;
        order.times = match order.times {
            Times::Always => Times::Always,
            Times::Once => Times::Count(0),
            Times::Count(left) => Times::Count(left.saturating_sub(1)),
        };
        Some(fault)
    }
}
