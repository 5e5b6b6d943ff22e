//! DMA remapping: source-id to domain, address to address (VT-d 3).

use super::cache::{Context, Mapping};
use super::fault::FaultReason as Reason;
use super::spec::{self, registers as reg, tables};
use super::{Access, Effect, Fault, Iommu, PhysicalMemory, SourceId, read_pair};

impl Iommu {
    /// Translates one DMA access that lies inside one 4 KiB page. Identity when translation is off,
    /// and for the interrupt range, which is never translated (3.14). A fault is recorded and
    /// returned.
    pub fn translate(
        &mut self,
        source: SourceId,
        address: u64,
        access: Access,
        memory: &mut dyn PhysicalMemory,
        effects: &mut Vec<Effect>,
    ) -> Result<u64, Fault> {
        if !self.translates() || Self::in_interrupt_range(address) {
            return Ok(address);
        }
        let (result, disabled) = match self.context(source, memory) {
            Ok(context) => (self.through(&context, address, access, memory), context.fault_disable),
            Err((reason, disabled)) => (Err(reason), disabled),
        };
        result.map_err(|reason| {
            self.report(Fault { reason, source, address, access, recorded: false }, disabled, effects)
        })
    }

    /// The source's context, from the cache or the tables; a failure says whether FPD is set.
    #[inline]
    fn context(
        &mut self,
        source: SourceId,
        memory: &mut dyn PhysicalMemory,
    ) -> Result<Context, (Reason, bool)> {
        if let Some(context) = self.contexts.lookup(source.0) {
            return Ok(context);
        }
        let table = self.context_table(source, memory).map_err(|reason| (reason, false))?;
        let entry = read_pair(memory, table.wrapping_add(16 * u64::from(source.0 & 0xff)))
            .ok_or((Reason::ContextEntryAccess, false))?;
        let context = decode_context(source, entry).map_err(|r| (r, entry[0] & tables::CONTEXT_FPD != 0))?;
        self.contexts.fill(context);
        Ok(context)
    }

    /// Root table to context table, 3.4.2.
    fn context_table(&self, source: SourceId, memory: &mut dyn PhysicalMemory) -> Result<u64, Reason> {
        if self.root_table & reg::RTADDR_TTM != 0 {
            return Err(Reason::TranslationTableMode);
        }
        let address = (self.root_table & reg::TABLE_ADDRESS).wrapping_add(16 * u64::from(source.0 >> 8));
        let root = read_pair(memory, address).ok_or(Reason::RootEntryAccess)?;
        if root[0] & tables::PRESENT == 0 {
            return Err(Reason::RootNotPresent);
        }
        if has(root, tables::ROOT_RESERVED) {
            return Err(Reason::RootReserved);
        }
        Ok(root[0] & tables::ADDRESS)
    }

    #[inline]
    fn through(
        &mut self,
        context: &Context,
        address: u64,
        access: Access,
        memory: &mut dyn PhysicalMemory,
    ) -> Result<u64, Reason> {
        if address >> context.width != 0 {
            return Err(Reason::AddressBeyondWidth);
        }
        if context.pass_through {
            return Ok(address);
        }
        let page = address >> 12;
        let mapping = match self.iotlb.lookup(context.domain, page) {
            Some(mapping) => mapping,
            None => {
                let mapping = walk(context, page, access, memory)?;
                self.iotlb.fill(mapping);
                mapping
            }
        };
        match access {
            Access::Read if !mapping.read => Err(Reason::ReadNotPermitted),
            Access::Write if !mapping.write => Err(Reason::WriteNotPermitted),
            _ => Ok(mapping.frame | address & 0xfff),
        }
    }
}

/// Checks a context entry in the order of the reasons' table: present, reserved, programming.
fn decode_context(source: SourceId, entry: [u64; 2]) -> Result<Context, Reason> {
    let [low, high] = entry;
    if low & tables::PRESENT == 0 {
        return Err(Reason::ContextNotPresent);
    }
    let kind = tables::context_translation_type(low);
    let pass_through = kind == tables::TYPE_PASS_THROUGH;
    // The second-level pointer is ignored, its upper bits included, where nothing is walked.
    let checked = if pass_through { [low & 0xfff, high] } else { entry };
    if has(checked, tables::CONTEXT_RESERVED) {
        return Err(Reason::ContextReserved);
    }
    let width = match tables::context_address_width(high) {
        1 => 39,
        2 => 48,
        _ => return Err(Reason::ContextInvalid),
    };
    if kind != tables::TYPE_SECOND_LEVEL && !pass_through {
        return Err(Reason::ContextInvalid);
    }
    Ok(Context {
        valid: true,
        source: source.0,
        domain: tables::context_domain(high),
        width,
        pass_through,
        fault_disable: low & tables::CONTEXT_FPD != 0,
        table: low & tables::ADDRESS,
    })
}

/// Walks the second-level tables for one 4 KiB page, 3.7: rights are the AND of every level's, and a
/// level that lacks the access's right ends the walk.
fn walk(
    context: &Context,
    page: u64,
    access: Access,
    memory: &mut dyn PhysicalMemory,
) -> Result<Mapping, Reason> {
    let (right, refusal) = match access {
        Access::Read => (tables::PAGING_READ, Reason::ReadNotPermitted),
        Access::Write => (tables::PAGING_WRITE, Reason::WriteNotPermitted),
    };
    let mut rights = tables::PAGING_READ | tables::PAGING_WRITE;
    let mut table = context.table;
    let mut level = if context.width == 39 { 3 } else { 4 };
    loop {
        let below = 9 * (level - 1);
        let entry = read_entry(memory, table.wrapping_add(8 * (page >> below & 0x1ff)))?;
        let leaf = level == 1 || level < 4 && entry & tables::PAGING_PAGE_SIZE != 0;
        // Reserved bits count only in an entry that grants something.
        let granted = entry & (tables::PAGING_READ | tables::PAGING_WRITE);
        if granted != 0 && entry & tables::paging_reserved(level, leaf) != 0 {
            return Err(Reason::PagingReserved);
        }
        rights &= granted;
        if rights & right == 0 {
            return Err(refusal);
        }
        table = entry & tables::ADDRESS;
        if leaf {
            return mapping(context.domain, page, table, below, rights);
        }
        level -= 1;
    }
}

fn mapping(domain: u16, page: u64, base: u64, below: u8, rights: u64) -> Result<Mapping, Reason> {
    let frame = base | (page & ((1 << below) - 1)) << 12;
    if (spec::INTERRUPT_RANGE_FIRST..=spec::INTERRUPT_RANGE_LAST).contains(&frame) {
        return Err(Reason::OutputInInterruptRange);
    }
    let read = rights & tables::PAGING_READ != 0;
    let write = rights & tables::PAGING_WRITE != 0;
    Ok(Mapping { shift: 12 + below, read, write, domain, page, frame })
}

fn read_entry(memory: &mut dyn PhysicalMemory, address: u64) -> Result<u64, Reason> {
    let mut bytes = [0; 8];
    if memory.read(address, &mut bytes) {
        Ok(u64::from_le_bytes(bytes))
    } else {
        Err(Reason::PagingEntryAccess)
    }
}

fn has(entry: [u64; 2], bits: [u64; 2]) -> bool {
    entry[0] & bits[0] != 0 || entry[1] & bits[1] != 0
}
