//! Voxels that wait for the flood: the highest first, equals in the order they came.

/// A queue per step of the heights, each with room for every voxel of that step.
pub(super) struct Queue {
    waiting: Vec<u32>,
    /// Where the next voxel of each step is taken from and put to.
    takes: Vec<u32>,
    puts: Vec<u32>,
    /// Bit `b` of word `w` of a rank: something waits below bit or word `64 w + b` of the rank beneath.
    ranks: Vec<Vec<u64>>,
    /// No step above this one has a voxel waiting.
    highest: usize,
}

impl Queue {
    /// An empty queue; `starts` says where the voxels of each step begin among all, and their number.
    pub(super) fn new(starts: &[u32]) -> Self {
        let mut ranks = Vec::new();
        let mut len = starts.len();
        loop {
            len = len.div_ceil(64).max(1);
            ranks.push(vec![0; len]);
            if len == 1 {
                break;
            }
        }
        let voxels = starts.last().copied().unwrap_or(0);
        Self {
            waiting: vec![0; voxels as usize],
            takes: starts.to_vec(),
            puts: starts.to_vec(),
            ranks,
            highest: 0,
        }
    }

    /// Puts a voxel of this step, counted from 0, behind its equals.
    pub(super) fn put(&mut self, voxel: u32, step: usize) {
        let place = &mut self.puts[step];
        self.waiting[*place as usize] = voxel;
        *place += 1;
        if *place == self.takes[step] + 1 {
            let mut place = step;
            for rank in &mut self.ranks {
                rank[place / 64] |= 1 << (place % 64);
                place /= 64;
            }
        }
        self.highest = self.highest.min(step);
    }

    /// Takes the first of the highest voxels.
    pub(super) fn take(&mut self) -> Option<u32> {
        if self.takes[self.highest] == self.puts[self.highest] {
            self.highest = self.search()?;
        }
        let take = &mut self.takes[self.highest];
        let voxel = self.waiting[*take as usize];
        *take += 1;
        if *take == self.puts[self.highest] {
            self.clear(self.highest);
        }
        Some(voxel)
    }

    /// The highest step where a voxel waits.
    fn search(&self) -> Option<usize> {
        let mut place = 0;
        for rank in self.ranks.iter().rev() {
            let word = rank[place];
            if word == 0 {
                return None;
            }
            place = 64 * place + word.trailing_zeros() as usize;
        }
        Some(place)
    }

    fn clear(&mut self, step: usize) {
        let mut place = step;
        for rank in &mut self.ranks {
            rank[place / 64] &= !(1 << (place % 64));
            if rank[place / 64] != 0 {
                break;
            }
            place /= 64;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_go_first_and_equals_in_turn() {
        // 5000 steps of two voxels: three ranks.
        let starts: Vec<u32> = (0..=5000).map(|step| 2 * step).collect();
        let mut queue = Queue::new(&starts);
        for (voxel, step) in [(1, 4999), (2, 70), (3, 70), (4, 4100)] {
            queue.put(voxel, step);
        }
        assert_eq!(queue.take(), Some(2));
        queue.put(5, 0);
        queue.put(6, 4999);
        let rest: Vec<u32> = std::iter::from_fn(|| queue.take()).collect();
        assert_eq!(rest, [5, 3, 4, 1, 6]);
        assert_eq!(Queue::new(&[0]).take(), None);
    }
}
