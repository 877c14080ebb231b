//! The rmb door: a real Redis, and a test that plays the node's peer.

#![allow(clippy::unwrap_used)]

use crate::support;

use grid_types::bus::{self, Code, MAX_SKEW};
use serde_json::{json, Value};
use std::time::Instant;
use support::{
    fake_gateway::FakeGateway,
    redis::{delivery, from_base64, Redis, NODE_DB},
    user::now,
    Bench, NODE, STRANGER_TWIN,
};
use tempfile::TempDir;

const REPLIES: &str = "msgbus.system.reply";

async fn bench(redis: &Redis) -> Bench {
    Bench::with(|config| config.bus.redis = Some(redis.url(NODE_DB))).await
}

/// Gives a message to the agent as its peer would.
async fn give(redis: &Redis, message: &Value) {
    let list = format!("msgbus.{}", message["cmd"].as_str().unwrap());
    redis.push(NODE_DB, &list, &message.to_string()).await;
}

async fn ask(redis: &Redis, message: &Value) -> Value {
    give(redis, message).await;
    redis.pop(NODE_DB, REPLIES).await
}

fn version(reference: &str) -> Value {
    delivery(reference, bus::SYSTEM_VERSION, "{}")
}

fn with(field: &str, value: Value) -> Value {
    let mut message = version(&format!("{field} {value}"));
    message[field] = value;
    message
}

async fn refusal(redis: &Redis, message: &Value) -> Option<Code> {
    let reply = ask(redis, message).await;
    Code::of_number(u32::try_from(reply["err"]["code"].as_u64()?).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_is_answered_as_the_peer_takes_it() {
    let redis = Redis::start().await;
    let _bench = bench(&redis).await;
    let mut message = version("some-uid");
    message["src"] = json!("2:session");
    let reply = ask(&redis, &message).await;
    assert_eq!((&reply["ver"], &reply["ref"], &reply["dst"]), (&json!(1), &json!("some-uid"), &json!("2:session")));
    assert_eq!((&reply["shm"], reply.get("err")), (&json!("application/json"), None));
    assert!(reply["now"].as_u64().unwrap().abs_diff(now()) <= 5);
    let result: Value = serde_json::from_str(&from_base64(&reply["dat"])).unwrap();
    assert_eq!(result["node_id"], NODE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_has_its_number_and_its_code() {
    let redis = Redis::start().await;
    let _bench = bench(&redis).await;
    let reply = ask(&redis, &delivery("a", bus::DEPLOYMENT_GET, r#"{"contract_id": 99}"#)).await;
    assert_eq!(reply["err"]["code"], Code::ContractNotFound.number());
    assert!(reply["err"]["message"].as_str().unwrap().ends_with("[contract_not_found]"));
    assert_eq!(reply["dat"], "");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_peer_has_verified_is_refused() {
    let redis = Redis::start().await;
    let _bench = bench(&redis).await;
    assert_eq!(refusal(&redis, &with("src", json!("0"))).await, Some(Code::BadSignature));
    assert_eq!(refusal(&redis, &with("src", json!("nobody"))).await, Some(Code::BadSchema));
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_are_not_right_are_answered() {
    let redis = Redis::start().await;
    let _bench = bench(&redis).await;
    let cases = [
        (with("exp", json!(0)), Code::BadSchema),
        (with("exp", json!(-1)), Code::BadSchema),
        (with("ver", json!(2)), Code::BadSchema),
        (with("shm", json!("application/x-protobuf")), Code::BadSchema),
        (with("ref", json!("")), Code::BadSchema),
        (with("dat", json!("not base64!")), Code::BadSchema),
        (with("dat", json!("bm90IGpzb24=")), Code::NotJson),
        (with("now", json!(now() - 61)), Code::Expired),
        (with("now", json!(now() + MAX_SKEW + 60)), Code::FromTheFuture),
        (delivery("old", "zos.system.dmi", "{}"), Code::UnknownCommand),
        (delivery("delete", bus::DEPLOYMENT_DELETE, "{}"), Code::CancelOnChain),
    ];
    for (message, code) in cases {
        assert_eq!(refusal(&redis, &message).await, Some(code), "{message}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_answered_does_no_harm() {
    let redis = Redis::start().await;
    let _bench = bench(&redis).await;
    for noise in ["", "not json", "[]", "{}", "{\"src\": 5}", "\u{0}"] {
        redis.push(NODE_DB, &format!("msgbus.{}", bus::SYSTEM_VERSION), noise).await;
    }
    assert!(ask(&redis, &version("after")).await.get("err").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_heard_once() {
    let redis = Redis::start().await;
    let _bench = bench(&redis).await;
    assert_eq!(refusal(&redis, &version("same")).await, None);
    assert_eq!(refusal(&redis, &version("same")).await, Some(Code::Replayed));
}

#[tokio::test(flavor = "multi_thread")]
async fn this_door_has_a_size_limit_of_its_own() {
    let redis = Redis::start().await;
    let _bench = Bench::with(|config| {
        config.bus.redis = Some(redis.url(NODE_DB));
        config.bus.redis_max_message = 2_000;
    })
    .await;
    let large = delivery("large", bus::MODULE_PUT, &"x".repeat(3_000));
    let reply = ask(&redis, &large).await;
    assert_eq!((&reply["ref"], &reply["err"]["code"]), (&json!("large"), &json!(Code::TooLarge.number())));
    assert!(reply["err"]["message"].as_str().unwrap().contains("direct door"));
}

#[tokio::test(flavor = "multi_thread")]
async fn more_messages_than_places_are_all_answered() {
    let redis = Redis::start().await;
    let _bench = Bench::with(|config| {
        config.bus.redis = Some(redis.url(NODE_DB));
        config.bus.redis_parallel = 2;
    })
    .await;
    for number in 0..40 {
        give(&redis, &version(&number.to_string())).await;
    }
    let mut references = Vec::new();
    for _ in 0..40 {
        references.push(redis.pop(NODE_DB, REPLIES).await["ref"].as_str().unwrap().parse::<u32>().unwrap());
    }
    references.sort_unstable();
    assert_eq!(references, (0..40).collect::<Vec<_>>());
}

/// A node whose functions never answer, and a call of one.
struct Hanging {
    redis: Redis,
    bench: Bench,
    call: String,
    _folder: TempDir,
}

impl Hanging {
    async fn bench() -> Self {
        let (redis, gateway, folder) = (Redis::start().await, FakeGateway::start().await, tempfile::tempdir().unwrap());
        let bench = Bench::with(|config| {
            gateway.serve(config, folder.path());
            config.bus.redis = Some(redis.url(NODE_DB));
        })
        .await;
        let contract_id = bench.deployed(&["echo"]).await.contract_id;
        bench.running(contract_id).await;
        let call = bus::Invoke { contract_id, name: "echo".into(), body: Vec::new(), content_type: None };
        let call = serde_json::to_string(&call).unwrap();
        Self { redis, bench, call, _folder: folder }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_is_sent_again_while_it_is_carried_out_is_not_ready() {
    let hanging = Hanging::bench().await;
    let call = delivery("once", bus::FUNCTION_INVOKE, &hanging.call);
    give(&hanging.redis, &call).await;
    assert_eq!(refusal(&hanging.redis, &call).await, Some(Code::NotReady));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_twin_whose_commands_hang_does_not_keep_others_from_the_door() {
    let hanging = Hanging::bench().await;
    let (redis, bench, call) = (&hanging.redis, &hanging.bench, &hanging.call);
    for number in 0..bench.config.bus.redis_parallel {
        give(redis, &delivery(&format!("call {number}"), bus::FUNCTION_INVOKE, call)).await;
    }
    let refused = bench.config.bus.redis_parallel as usize * 3 / 4;
    support::eventually("calls beyond its share are refused", || async {
        redis.length(NODE_DB, REPLIES).await == refused
    })
    .await;
    for _ in 0..refused {
        assert_eq!(redis.pop(NODE_DB, REPLIES).await["err"]["code"], Code::RateLimited.number());
    }
    let mut other = version("other");
    other["src"] = json!(STRANGER_TWIN.to_string());
    let answer = ask(redis, &other).await;
    assert_eq!((&answer["ref"], answer.get("err")), (&json!("other"), None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_comes_late_is_found_and_the_other_door_does_not_wait() {
    let mut redis = Redis::absent();
    let bench = bench(&redis).await;
    bench.user().await.command::<Value>(bus::SYSTEM_VERSION, &json!({})).await.unwrap();
    redis.up().await;
    assert!(ask(&redis, &version("late")).await.get("err").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_is_restarted_is_found_again() {
    let mut redis = Redis::start().await;
    let bench = bench(&redis).await;
    ask(&redis, &version("before")).await;
    redis.down();
    bench.user().await.command::<Value>(bus::SYSTEM_VERSION, &json!({})).await.unwrap();
    redis.up().await;
    assert!(ask(&redis, &version("after")).await.get("err").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_is_stuck_heals_and_the_other_door_does_not_wait() {
    let redis = Redis::start().await;
    let bench = bench(&redis).await;
    ask(&redis, &version("before")).await;
    let (looking, connections) = (redis.looking().await, redis.connections());
    redis.signal("STOP");
    bench.user().await.command::<Value>(bus::SYSTEM_VERSION, &json!({})).await.unwrap();
    support::eventually("the agent connects anew", || async { redis.connections() > connections }).await;
    redis.signal("CONT");
    // Redis still carries out what the agent asked before it hung up, so the first message may be lost with that connection.
    let mut number = 0;
    while redis.length(NODE_DB, REPLIES).await == 0 {
        number += 1;
        give(&redis, &version(&format!("after {number}"))).await;
        tokio::task::yield_now().await;
    }
    support::eventually("it looks for messages on another connection", || async {
        let now = redis.looking().await;
        !now.is_empty() && now.is_disjoint(&looking)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_redis_refuses_for_good_holds_up_no_other() {
    let redis = Redis::start().await;
    let _bench = bench(&redis).await;
    redis.run(NODE_DB, &["SET", REPLIES, "not a list"]).await;
    give(&redis, &version("refused")).await;
    support::eventually("it is refused", || async {
        redis
            .run(NODE_DB, &["INFO", "commandstats"])
            .await
            .lines()
            .any(|line| line.starts_with("cmdstat_lpush:") && !line.trim_end().ends_with("failed_calls=0"))
    })
    .await;
    redis.run(NODE_DB, &["DEL", REPLIES]).await;
    assert_eq!(ask(&redis, &version("after")).await["ref"], "after");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_graceful_stop_loses_no_message() {
    let redis = Redis::start().await;
    let mut bench = bench(&redis).await;
    for number in 0..30 {
        give(&redis, &version(&number.to_string())).await;
    }
    redis.pop(NODE_DB, REPLIES).await;
    bench.down().await;
    let (answered, waiting) =
        (redis.length(NODE_DB, REPLIES).await, redis.length(NODE_DB, &format!("msgbus.{}", bus::SYSTEM_VERSION)).await);
    assert_eq!(1 + answered + waiting, 30, "each was answered or still waits: {answered} and {waiting}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_too_much_through_one_door_has_asked_through_both() {
    let redis = Redis::start().await;
    const BURST: u32 = 20;
    let bench = Bench::with(|config| {
        config.bus.redis = Some(redis.url(NODE_DB));
        (config.bus.twin_rate, config.bus.twin_burst) = (1, BURST);
    })
    .await;
    let (user, begun) = (bench.user().await, Instant::now());
    let messages: Vec<_> = (0..40).map(|_| user.envelope(bus::SYSTEM_VERSION, &json!({})).to_value()).collect();
    for number in 0..40 {
        give(&redis, &version(&number.to_string())).await;
    }
    let through_direct = futures::future::join_all(messages.into_iter().map(|message| user.send(message))).await;
    let mut heard = through_direct.iter().filter(|reply| reply.error.is_none()).count() as u64;
    for _ in 0..40 {
        heard += u64::from(redis.pop(NODE_DB, REPLIES).await.get("err").is_none());
    }
    // What came at once, and one for each second that all this took.
    let most = u64::from(BURST) + begun.elapsed().as_secs() + 1;
    assert!((BURST.into()..=most).contains(&heard), "{heard} of 80 were heard, {most} at most should be");
}
