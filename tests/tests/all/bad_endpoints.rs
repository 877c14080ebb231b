//! Endpoints that hang, fall behind or lie while another one serves: the agent notices and goes on with that.

use grid_tests::{
    inside::{quick_chain, Inside},
    meadow::eventually,
};

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_answers_no_more_is_left_for_another() {
    let chain = quick_chain();
    let (first, second) = (chain.endpoint(), chain.endpoint());
    let inside = Inside::with(chain, &[&first, &second]).await;
    inside.meadow.deployed("one").await;
    first.change(|manners| manners.silent = true);
    inside.meadow.deployed("two").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_falls_behind_is_left_for_another() {
    let chain = quick_chain();
    let (first, second) = (chain.endpoint(), chain.endpoint());
    let inside = Inside::with(chain, &[&first, &second]).await;
    inside.meadow.deployed("one").await;
    let stuck = inside.chain.heights().1;
    first.change(|manners| manners.knows_up_to = Some(stuck));
    inside.meadow.deployed("two").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contract_is_not_ended_on_the_word_of_one_endpoint_while_another_knows_it() {
    let chain = quick_chain();
    let (first, second) = (chain.endpoint(), chain.endpoint());
    let inside = Inside::with(chain, &[&first, &second]).await;
    let id = inside.meadow.deployed("one").await.contract_id;
    first.change(|manners| manners.forgets = [id].into());
    let caught = || async {
        assert_eq!(inside.meadow.call(id).await, Some((200, "one".to_owned())), "it serves all the time");
        let endpoints = zos_agent::status::ask(&inside.home.state()).await.expect("the agent tells").endpoints;
        endpoints[0].set_aside.as_ref().is_some_and(|why| why.contains("said that contract"))
    };
    eventually("the liar is caught", caught).await;
    first.set(Default::default());
    inside.meadow.billed(id).await;
}
