//! RAM as of a moment: pages that are shared until written, found through a table of two levels.

use std::sync::Arc;

use super::PAGE_SIZE;

/// One page of RAM, shared by every moment at which it held the same bytes.
pub type Page = Arc<[u8; PAGE_SIZE]>;

/// Pages in a leaf.
const LEAF: usize = 128;

type Leaf = [Option<Page>; LEAF];

/// All pages of RAM; a page of zeros is `None`, a leaf of such pages too. A clone shares every leaf.
#[derive(Clone, Debug, Default)]
pub struct PageTable {
    leaves: Vec<Option<Arc<Leaf>>>,
}

fn same<T>(a: &Option<Arc<T>>, b: &Option<Arc<T>>) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => Arc::ptr_eq(a, b),
        _ => false,
    }
}

impl PageTable {
    /// The page of that number; `None` is zeros.
    pub fn get(&self, page: usize) -> Option<&Page> {
        self.leaves.get(page / LEAF)?.as_ref()?[page % LEAF].as_ref()
    }

    /// Puts a page in its place.
    pub fn set(&mut self, page: usize, content: Option<Page>) {
        let leaf = page / LEAF;
        if leaf >= self.leaves.len() {
            self.leaves.resize(leaf + 1, None);
        }
        let leaf = self.leaves[leaf].get_or_insert_with(|| Arc::new([const { None }; LEAF]));
        Arc::make_mut(leaf)[page % LEAF] = content;
    }

    /// Calls `each` with every page that is not shared with `other`: its number, this table's and the
    /// other's. Leaves that are shared cost one comparison.
    pub fn differing<'a>(
        &'a self,
        other: &'a PageTable,
        mut each: impl FnMut(usize, Option<&'a Page>, Option<&'a Page>),
    ) {
        for at in 0..self.leaves.len().max(other.leaves.len()) {
            let a = self.leaves.get(at).unwrap_or(&None);
            let b = other.leaves.get(at).unwrap_or(&None);
            if same(a, b) {
                continue;
            }
            for i in 0..LEAF {
                let page = |leaf: &'a Option<Arc<Leaf>>| leaf.as_ref().map_or(&None, |leaf| &leaf[i]);
                let (a, b) = (page(a), page(b));
                if !same(a, b) {
                    each(at * LEAF + i, a.as_ref(), b.as_ref());
                }
            }
        }
    }

    /// Bytes that this table holds and `other` does not, about.
    pub fn bytes_beside(&self, other: &PageTable) -> u64 {
        let pages_of = |leaf: &Option<Arc<Leaf>>| leaf.is_some();
        let own_leaf = |(i, leaf): (usize, &Option<Arc<Leaf>>)| {
            pages_of(leaf) && !same(leaf, other.leaves.get(i).unwrap_or(&None))
        };
        let leaves = self.leaves.iter().enumerate().filter(|l| own_leaf(*l)).count();
        let mut pages = 0;
        self.differing(other, |_, own, _| pages += u64::from(own.is_some()));
        let words = self.leaves.len() + leaves * LEAF;
        pages * (PAGE_SIZE as u64 + 16) + (words * size_of::<usize>()) as u64
    }
}

const ZEROS: [u8; PAGE_SIZE] = [0; PAGE_SIZE];

/// Whether a page's bytes are all 0.
pub fn is_zero(page: &[u8]) -> bool {
    *page == ZEROS
}

/// A page with these bytes, or one of `known` that holds them already; `None` when all are zero.
pub fn page_of(bytes: &[u8], known: [Option<&Page>; 3]) -> Option<Page> {
    if is_zero(bytes) {
        return None;
    }
    if let Some(page) = known.into_iter().flatten().find(|page| page[..] == *bytes) {
        return Some(page.clone());
    }
    <[u8; PAGE_SIZE]>::try_from(bytes).ok().map(Arc::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(byte: u8) -> Option<Page> {
        Some(Arc::new([byte; PAGE_SIZE]))
    }

    #[test]
    fn a_clone_shares_all_but_what_is_set_afterwards() {
        let mut first = PageTable::default();
        for i in [0, 127, 128, 5_000] {
            first.set(i, page(i as u8 | 1));
        }
        let mut second = first.clone();
        assert_eq!(second.bytes_beside(&first), (second.leaves.len() * size_of::<usize>()) as u64);
        second.set(128, page(7));
        second.set(127, None);
        second.set(9_999, page(9));
        let mut seen = Vec::new();
        second.differing(&first, |i, a, b| seen.push((i, a.is_some(), b.is_some())));
        assert_eq!(seen, [(127, false, true), (128, true, true), (9_999, true, false)]);
        assert_eq!(first.get(128).map(|p| p[0]), Some(129));
    }

    #[test]
    fn equal_bytes_share_a_page_and_zeros_need_none() {
        let known = page(3);
        assert!(page_of(&[0; PAGE_SIZE], [None; 3]).is_none());
        let again = page_of(&[3; PAGE_SIZE], [None, None, known.as_ref()]);
        assert!(same(&again, &known));
        assert!(!same(&page_of(&[4; PAGE_SIZE], [known.as_ref(), None, None]), &known));
    }
}
