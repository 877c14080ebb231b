//! Memory quantities as OpenFaaS and Kubernetes write them: `67108864`, `64Mi`, `64M`.

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

#[cfg(test)]
mod tests {
    use super::bytes;

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
