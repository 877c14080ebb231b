//! How many replicas a deployment's labels allow. Here an instance exists as long as a call, so that the number is what
//! clients of OpenFaaS ask for and see, not a number of processes.

use crate::{error::ApiError, model::FunctionDeployment};

const MIN_LABEL: &str = "com.openfaas.scale.min";
const MAX_LABEL: &str = "com.openfaas.scale.max";
/// What nobody can mean.
const MOST: u32 = 10_000;

/// The range that the labels name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Replicas {
    min: u32,
    max: u32,
}

impl Replicas {
    /// Reads the labels. Absent: one, and as many as one likes.
    pub fn of(deployment: &FunctionDeployment) -> Result<Self, ApiError> {
        let read = |label: &str, absent: u32| {
            let text = deployment.labels.as_ref().and_then(|labels| labels.get(label));
            let number = text.map_or(Some(absent), |text| text.parse().ok().filter(|number| *number <= MOST));
            number.ok_or_else(|| invalid(&format!("the label {label} must be a whole number from 0 to {MOST}")))
        };
        let range = Self { min: read(MIN_LABEL, 1)?, max: read(MAX_LABEL, MOST)? };
        if range.min > range.max || range.max == 0 {
            return Err(invalid(&format!("{MAX_LABEL} must be at least 1 and not less than {MIN_LABEL}")));
        }
        Ok(range)
    }

    /// After a deployment, and after a call that woke the function.
    pub fn least(&self) -> u32 {
        self.min.max(1)
    }

    /// What a wish becomes: not more than the most. Zero and what is below the least is the operator's business.
    pub fn wished(&self, replicas: u64) -> u32 {
        u32::try_from(replicas).unwrap_or(u32::MAX).min(self.max)
    }
}

fn invalid(text: &str) -> ApiError {
    ApiError::bad_request("invalid_scale", text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(labels: &[(&str, &str)]) -> Result<Replicas, &'static str> {
        let labels = labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let deployment = FunctionDeployment { labels: Some(labels), ..FunctionDeployment::default() };
        Replicas::of(&deployment).map_err(|error| error.code)
    }

    #[test]
    fn without_labels_there_is_one() {
        let range = Replicas::of(&FunctionDeployment::default()).expect("no labels");
        assert_eq!((range.least(), range.wished(0), range.wished(7)), (1, 0, 7));
    }

    #[test]
    fn the_least_is_never_zero() {
        assert_eq!(range(&[(MIN_LABEL, "0")]).map(|range| range.least()), Ok(1));
        assert_eq!(range(&[(MIN_LABEL, "2")]).map(|range| range.least()), Ok(2));
    }

    #[test]
    fn a_wish_is_cut_to_the_most() {
        let range = range(&[(MAX_LABEL, "5")]).expect("a range");
        assert_eq!((range.wished(5), range.wished(6), range.wished(u64::MAX)), (5, 5, 5));
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for labels in [[(MIN_LABEL, "two"), (MAX_LABEL, "5")], [(MIN_LABEL, "3"), (MAX_LABEL, "2")]] {
            assert_eq!(range(&labels), Err("invalid_scale"));
        }
        assert_eq!(range(&[(MAX_LABEL, "0")]), Err("invalid_scale"));
        assert_eq!(range(&[(MIN_LABEL, "-1")]), Err("invalid_scale"));
    }
}
