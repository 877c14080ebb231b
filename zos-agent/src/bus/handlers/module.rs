//! `zos.module.put`: a module for one of the sender's contracts.

use super::Desk;
use crate::faas::FaasError;
use grid_types::{
    bus::{Code, Failure, ModulePut, ModuleStored, MAX_MODULE},
    deployment::Digest,
};

/// What every WebAssembly module begins with.
const MAGIC: &[u8] = b"\0asm";
/// The most modules of one contract.
const MAX_MODULES: usize = 64;

impl Desk {
    pub(super) async fn put_module(&self, sender: u32, request: ModulePut) -> Result<ModuleStored, Failure> {
        let ModulePut { contract_id, sha256, module } = request;
        let contract = self.senders_contract(sender, contract_id).await?;
        check_bytes(&module, &sha256)?;
        let here = self.store.read(move |read| read.modules_of(contract_id)).await?;
        if here.contains_key(&sha256) && self.store.module(sha256).await?.is_some() {
            return Ok(ModuleStored { stored: false });
        }
        let others = here.iter().filter(|(digest, _)| **digest != sha256).map(|(_, size)| size);
        let needed = others.fold(module.len() as u64, |sum, size| sum.saturating_add(*size));
        if needed > contract.resources.sru {
            return Err(Failure::new(
                Code::OverReserved,
                format!(
                    "the contract's modules would take {needed} bytes, it reserves {} of fast disk (sru)",
                    contract.resources.sru
                ),
            ));
        }
        if here.len() >= MAX_MODULES {
            return Err(Failure::new(Code::OverReserved, format!("a contract can have {MAX_MODULES} modules at most")));
        }
        crate::step::reached("module.checked");
        self.offer_to_gateway(&sha256, &module).await?;
        crate::step::reached("module.offered");
        self.store.put_module(contract_id, sha256, module).await?;
        crate::step::reached("module.stored");
        tracing::info!(contract = contract_id, module = %sha256, "module stored");
        Ok(ModuleStored { stored: true })
    }

    /// The gateway compiles it now, so that a module that cannot run is refused while its sender is here to hear it. A
    /// gateway that is away gets it later.
    async fn offer_to_gateway(&self, sha256: &Digest, module: &[u8]) -> Result<(), Failure> {
        match self.faas.put_module(&sha256.to_string(), module.to_vec()).await {
            Ok(()) => Ok(()),
            Err(FaasError::Refused { reason, .. }) => {
                Err(Failure::new(Code::ModuleInvalid, format!("the module cannot run here: {reason}")))
            },
            Err(error) => {
                tracing::warn!(module = %sha256, %error, "the gateway gets this module later");
                Ok(())
            },
        }
    }
}

fn check_bytes(module: &[u8], sha256: &Digest) -> Result<(), Failure> {
    if module.len() > MAX_MODULE {
        let message = format!("the module has {} bytes, at most {MAX_MODULE} are taken", module.len());
        return Err(Failure::new(Code::TooLarge, message));
    }
    let actual = Digest::of(module);
    if actual != *sha256 {
        return Err(Failure::new(
            Code::ModuleInvalid,
            format!("the bytes hash to {actual}, the message says {sha256}"),
        ));
    }
    if !module.starts_with(MAGIC) {
        return Err(Failure::new(
            Code::ModuleInvalid,
            "this is not a WebAssembly module; compile it for wasm32-wasip1",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_module_is_what_its_digest_says() {
        let module = b"\0asm\x01\0\0\0";
        assert!(check_bytes(module, &Digest::of(module)).is_ok());
        assert_eq!(check_bytes(module, &Digest::of(b"other")).unwrap_err().code, Code::ModuleInvalid);
    }

    #[test]
    fn what_is_not_webassembly_is_refused() {
        assert_eq!(check_bytes(b"\x7fELF", &Digest::of(b"\x7fELF")).unwrap_err().code, Code::ModuleInvalid);
    }

    #[test]
    fn a_module_beyond_the_limit_is_too_large() {
        let module = vec![0; MAX_MODULE + 1];
        assert_eq!(check_bytes(&module, &Digest::of(&module)).unwrap_err().code, Code::TooLarge);
    }
}
