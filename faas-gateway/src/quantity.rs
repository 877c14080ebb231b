//! Quantities as OpenFaaS and Kubernetes write them: of memory `67108864`, `64Mi`, `64M`; of processors `100m`, `0.5`, `2`.

/// Bytes of a quantity: a whole number with an optional binary (`Ki`, `Mi`, `Gi`) or decimal (`k`, `K`, `M`, `G`)
/// suffix. `None` if it is anything else or does not fit.
pub(crate) fn bytes(text: &str) -> Option<u64> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, suffix) = text.split_at(digits);
    let unit: u64 = match suffix {
        "" => 1,
        "Ki" => 1 << 10,
        "Mi" => 1 << 20,
        "Gi" => 1 << 30,
        "k" | "K" => 1_000,
        "M" => 1_000_000,
        "G" => 1_000_000_000,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(unit)
}

/// Whether this is an amount of processors: more than none, thousandths at the least.
pub(crate) fn is_cpu(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.len() <= 9 && text.bytes().all(|byte| byte.is_ascii_digit());
    let form = match (text.strip_suffix('m'), text.split_once('.')) {
        (Some(thousandths), _) => digits(thousandths),
        (None, Some((whole, part))) => digits(whole) && digits(part) && part.len() <= 3,
        (None, None) => digits(text),
    };
    form && text.bytes().any(|byte| (b'1'..=b'9').contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::{bytes, is_cpu};

    #[test]
    fn processors_are_whole_or_thousandths() {
        for text in ["100m", "1", "0.5", "2.125", "64000m"] {
            assert!(is_cpu(text), "{text}");
        }
        for text in ["", "m", "0", "0m", "0.0", ".5", "1.", "-1", "1.0001", "1.5m", "100 m", "100M", "lots", "1e3"] {
            assert!(!is_cpu(text), "{text}");
        }
    }

    #[test]
    fn plain_binary_and_decimal() {
        assert_eq!(bytes("67108864"), Some(67_108_864));
        assert_eq!(bytes("64Mi"), Some(67_108_864));
        assert_eq!(bytes("64M"), Some(64_000_000));
        assert_eq!(bytes("1Gi"), Some(1 << 30));
        assert_eq!(bytes("0"), Some(0));
    }

    #[test]
    fn anything_else_is_nothing() {
        for text in ["", "Mi", "-1", "1.5Gi", "64mi", "64 Mi", "1Ti", "99999999999999999999", "18446744073709551615Ki"]
        {
            assert_eq!(bytes(text), None, "{text}");
        }
    }
}
