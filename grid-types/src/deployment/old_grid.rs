//! Telling a deployment of the old grid from one with a mistake: whoever sends one hears that, and not which field is missing.

use serde_json::Value;

/// The old grid's kinds of workloads.
const KINDS: &[&str] = &[
    "zmachine",
    "zmachine-light",
    "network",
    "network-light",
    "zmount",
    "volume",
    "zdb",
    "qsfs",
    "ip",
    "ipv4",
    "gateway-name-proxy",
    "gateway-fqdn-proxy",
    "zlogs",
];

/// What marks a deployment as one of the old grid; nothing if it is not one.
pub(super) fn mark(value: &Value) -> Option<String> {
    if value.get("expiration").is_some_and(Value::is_string) {
        return Some("its expiration is a text".into());
    }
    let workloads = value.get("workloads").and_then(Value::as_array)?;
    workloads.iter().enumerate().find_map(|(index, workload)| {
        let kind = workload.get("type").and_then(Value::as_str).filter(|kind| KINDS.contains(kind));
        let fields = workload.get("data").and_then(Value::as_object);
        // With this schema's data it is one of this grid, of a kind that is not run.
        let foreign = fields.is_some_and(|fields| !fields.is_empty() && !fields.contains_key("module"));
        if let Some(kind) = kind.filter(|_| foreign) {
            return Some(format!("workloads[{index}] is a {kind}"));
        }
        workload.get("result").map(|_| format!("workloads[{index}] has a result"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::Deployment;
    use serde_json::json;

    fn code(value: Value) -> Option<&'static str> {
        Deployment::from_value(value).err().map(|error| error.code())
    }

    #[test]
    fn deployments_of_the_old_grid_are_named_so() {
        let machine = json!({ "version": 0, "name": "vm", "type": "zmachine", "metadata": "", "description": "", "data": {
            "flist": "https://example.org/x.flist", "network": { "public_ip": "", "planetary": true, "interfaces": [] },
            "size": 0, "compute_capacity": { "cpu": 1, "memory": 268_435_456 }, "mounts": [], "entrypoint": "/init",
            "env": {}, "corex": false, "gpu": [] } });
        let disk = json!({ "version": 0, "name": "d", "type": "zmount", "data": { "size": 10 }, "metadata": "",
            "description": "", "result": { "created": 0, "state": "", "message": "", "data": null } });
        for workload in [machine, disk] {
            let deployment = json!({ "version": 0, "twin_id": 2, "contract_id": 1, "metadata": "", "description": "",
                "expiration": 0, "signature_requirement": { "requests": [{ "twin_id": 2, "required": false, "weight": 1 }],
                    "weight_required": 1, "signatures": [], "signature_style": "" }, "workloads": [workload] });
            assert_eq!(code(deployment), Some("unsupported_schema"));
        }
        assert_eq!(code(json!({ "expiration": "2026-11-01T00:00:00Z", "workloads": [] })), Some("unsupported_schema"));
    }

    #[test]
    fn a_mistake_is_not_taken_for_the_old_grid() {
        assert_eq!(code(json!({ "workloads": [] })), Some("bad_schema"));
        assert_eq!(code(json!({ "workloads": 5 })), Some("bad_schema"));
        assert_eq!(mark(&json!({ "workloads": [{ "type": "zmachine", "data": {} }] })), None);
        assert_eq!(mark(&json!({ "workloads": [{ "type": "function", "data": { "flist": "x" } }] })), None);
    }
}
