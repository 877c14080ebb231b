//! What a deployment gives its functions, as they find it in the agent's real gateway.

#![allow(clippy::unwrap_used)]

use crate::support;

use gateway_guests::modules;
use grid_types::deployment::{Deployment, Digest, ModuleDigest};
use support::{deployment, Bench};

#[tokio::test(flavor = "multi_thread")]
async fn a_function_finds_its_secrets_as_files_under_the_names_that_its_deployment_gives_them() {
    let bench = Bench::start().await;
    let user = bench.user().await;
    let names = ["API_KEY", "db.password", "token"];
    for name in names {
        let module = wat::parse_str(modules::reads(name)).unwrap();
        let mut deployment = deployment(&["reader"]);
        let data = &mut deployment.workloads[0].data;
        data.module = ModuleDigest(Digest::of(&module));
        data.secrets = Some(names.map(|name| (name.to_owned(), format!("value of {name}"))).into_iter().collect());
        let deployment = Deployment { contract_id: bench.chain.create(&deployment), ..deployment };
        let id = deployment.contract_id;
        user.put_module(id, &module).await.unwrap();
        user.deploy(&deployment).await.unwrap();
        bench.running(id).await;
        assert_eq!(bench.call(&format!("reader-{id}"), "").await, (200, format!("value of {name}")));
    }
}
