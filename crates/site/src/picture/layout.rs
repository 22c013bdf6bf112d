//! Where the nodes of a neighbourhood go: the node in the middle, what points to it on its left,
//! what it points to on its right, second neighbours beyond their first, each relation under its
//! verb. Boxes are stacked in columns, so that none can cover another.

use crate::{
    Lang,
    nodes::{Group, Neighbourhood, NodeLink, Tie},
    text,
};
use std::collections::{HashMap, HashSet};

pub(super) const WIDTH: f64 = 236.0;
const GAP: f64 = 8.0;
const GROUP_GAP: f64 = 16.0;
const VERB: f64 = 24.0;
/// Room between columns for the edges.
const ALLEY: f64 = 84.0;
/// Room beside the outer columns, and where relations inside one of them bow out.
const SIDE: f64 = 6.0;
const BOW: f64 = 36.0;
const LINE: f64 = 19.0;
/// Signs on one line of a box.
const SIGNS: usize = 31;

/// What is in a box.
#[derive(Debug, Clone)]
pub(super) enum Inside {
    Node(NodeLink),
    /// So many more than the picture shows.
    More(usize),
}

/// A box of the picture.
#[derive(Debug, Clone)]
pub(super) struct Placed {
    pub(super) inside: Inside,
    pub(super) lines: Vec<String>,
    /// −2 to 2; 0 is the middle.
    pub(super) column: i32,
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) height: f64,
}

impl Placed {
    pub(super) fn uuid(&self) -> Option<&str> {
        match &self.inside {
            Inside::Node(node) => node.uuid.as_deref(),
            Inside::More(_) => None,
        }
    }

    pub(super) fn middle(&self) -> f64 {
        self.y + self.height / 2.0
    }
}

/// The whole layout.
#[derive(Debug, Default)]
pub(super) struct Layout {
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) boxes: Vec<Placed>,
    /// Verbs over their groups: text, x, y.
    pub(super) verbs: Vec<(String, f64, f64)>,
}

/// How many boxes a picture may hold.
struct Limits {
    per_group: usize,
    per_parent: usize,
}

/// A box with what hangs beyond it.
struct Branch {
    inside: Inside,
    children: Vec<Inside>,
}

struct Cluster {
    verb: String,
    branches: Vec<Branch>,
}

/// Places a neighbourhood around its node.
pub(super) fn place(lang: Lang, centre: &NodeLink, around: &Neighbourhood) -> Layout {
    let centre_id = centre.uuid.clone().unwrap_or_default();
    let deep = around.noeuds.iter().any(|n| n.distance > 1);
    let limits = if deep {
        Limits { per_group: 8, per_parent: 4 }
    } else {
        Limits { per_group: 12, per_parent: 0 }
    };
    let groups = around.groups(lang, &centre_id);
    let mut shown: HashSet<String> = HashSet::from([centre_id.clone()]);
    for group in &groups {
        shown.extend(group.nodes.iter().filter_map(|n| n.uuid.clone()));
    }
    let mut seen: HashSet<String> = HashSet::new();
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for group in groups {
        let out = group.out;
        if let Some(cluster) = cluster(group, around, &limits, &mut shown, &mut seen) {
            if out { right.push(cluster) } else { left.push(cluster) }
        }
    }
    let lines = wrap(&text::plain(&text::entry(&centre.intitule)));
    let centre_height = height(lines.len()) + 8.0;
    let sides = [tall(&left), tall(&right)];
    let total = sides[0].max(sides[1]).max(centre_height);
    let reach = |side: &[Cluster]| -> i32 {
        match side {
            [] => 0,
            _ if side.iter().flat_map(|c| &c.branches).any(|b| !b.children.is_empty()) => 2,
            _ => 1,
        }
    };
    let (before, after) = (reach(&left), reach(&right));
    let inner = |tie: &Tie| tie.de != centre_id && tie.vers != centre_id;
    let side_room = if around.relations.iter().any(inner) { BOW } else { SIDE };
    let x_of = |column: i32| side_room + f64::from(column + before) * (WIDTH + ALLEY);
    let mut layout = Layout {
        width: x_of(after) + WIDTH + side_room,
        height: total + 12.0,
        ..Layout::default()
    };
    layout.boxes.push(Placed {
        inside: Inside::Node(centre.clone()),
        lines,
        column: 0,
        x: x_of(0),
        y: 6.0 + (total - centre_height) / 2.0,
        height: centre_height,
    });
    for (side, sign, tall) in [(left, -1, sides[0]), (right, 1, sides[1])] {
        let mut y = 6.0 + (total - tall) / 2.0;
        for cluster in side {
            layout.verbs.push((cluster.verb.clone(), x_of(sign), y + VERB - 8.0));
            y += VERB;
            for branch in cluster.branches {
                y += branch_at(&mut layout, branch, sign, x_of(sign), x_of(2 * sign), y) + GAP;
            }
            y += GROUP_GAP - GAP;
        }
    }
    layout
}

fn cluster(
    group: Group,
    around: &Neighbourhood,
    limits: &Limits,
    shown: &mut HashSet<String>,
    seen: &mut HashSet<String>,
) -> Option<Cluster> {
    // A node that two relations join to the middle has one box, under the first.
    let nodes: Vec<NodeLink> = group
        .nodes
        .into_iter()
        .filter(|n| n.uuid.as_ref().is_some_and(|uuid| seen.insert(uuid.clone())))
        .collect();
    let rest = nodes.len().saturating_sub(limits.per_group);
    let mut branches: Vec<Branch> = nodes
        .into_iter()
        .take(limits.per_group)
        .map(|node| {
            let children = match &node.uuid {
                Some(uuid) if limits.per_parent > 0 => {
                    children(uuid, around, limits.per_parent, shown)
                }
                _ => Vec::new(),
            };
            Branch { inside: Inside::Node(node), children }
        })
        .collect();
    if rest > 0 {
        branches.push(Branch { inside: Inside::More(rest), children: Vec::new() });
    }
    (!branches.is_empty()).then_some(Cluster { verb: group.verb, branches })
}

/// The second neighbours that hang on this first one: each hangs on the first that reaches it.
fn children(
    parent: &str,
    around: &Neighbourhood,
    limit: usize,
    shown: &mut HashSet<String>,
) -> Vec<Inside> {
    let mut found = Vec::new();
    for tie in &around.relations {
        let other = match (tie.de == parent, tie.vers == parent) {
            (true, _) => &tie.vers,
            (_, true) => &tie.de,
            _ => continue,
        };
        if !shown.contains(other)
            && let Some(node) = around.node(other)
        {
            shown.insert(other.clone());
            found.push(node.clone());
        }
    }
    let rest = found.len().saturating_sub(limit);
    let mut out: Vec<Inside> = found.into_iter().take(limit).map(Inside::Node).collect();
    if rest > 0 {
        out.push(Inside::More(rest));
    }
    out
}

fn lines_of(inside: &Inside) -> Vec<String> {
    match inside {
        Inside::Node(node) => wrap(&text::plain(&text::entry(&node.intitule))),
        Inside::More(n) => vec![format!("+\u{202f}{n}")],
    }
}

fn height(lines: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a box has one or two lines")]
    let lines = lines.max(1) as f64;
    lines * LINE + 11.0
}

fn branch_height(branch: &Branch) -> f64 {
    height(lines_of(&branch.inside).len()).max(stack(&branch.children))
}

fn stack(children: &[Inside]) -> f64 {
    let boxes: f64 = children.iter().map(|c| height(lines_of(c).len()) + GAP).sum();
    (boxes - GAP).max(0.0)
}

fn tall(side: &[Cluster]) -> f64 {
    let clusters: f64 = side
        .iter()
        .map(|c| {
            let boxes: f64 = c.branches.iter().map(|b| branch_height(b) + GAP).sum();
            VERB + boxes - GAP + GROUP_GAP
        })
        .sum();
    (clusters - GROUP_GAP).max(0.0)
}

fn branch_at(layout: &mut Layout, branch: Branch, sign: i32, x: f64, far: f64, y: f64) -> f64 {
    let whole = branch_height(&branch);
    let lines = lines_of(&branch.inside);
    let own = height(lines.len());
    layout.boxes.push(Placed {
        inside: branch.inside,
        lines,
        column: sign,
        x,
        y: y + (whole - own) / 2.0,
        height: own,
    });
    let mut below = y + (whole - stack(&branch.children)) / 2.0;
    for child in branch.children {
        let lines = lines_of(&child);
        let height = height(lines.len());
        layout.boxes.push(Placed {
            inside: child,
            lines,
            column: 2 * sign,
            x: far,
            y: below,
            height,
        });
        below += height + GAP;
    }
    whole
}

/// A title on at most two lines.
fn wrap(title: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in title.split_whitespace() {
        let last = lines.len() - 1;
        let used = lines[last].chars().count();
        if used > 0 && used + 1 + word.chars().count() > SIGNS {
            lines.push(word.to_owned());
        } else {
            if used > 0 {
                lines[last].push(' ');
            }
            lines[last].push_str(word);
        }
    }
    let more = lines.len() > 2;
    lines.truncate(2);
    for line in &mut lines {
        if line.chars().count() > SIGNS {
            *line = line.chars().take(SIGNS - 1).collect::<String>() + "…";
        }
    }
    if more && let Some(last) = lines.last_mut().filter(|l| !l.ends_with('…')) {
        if last.chars().count() >= SIGNS {
            *last = last.chars().take(SIGNS - 1).collect();
        }
        last.push('…');
    }
    lines
}

/// The boxes by the uuid of their node.
pub(super) fn by_uuid(layout: &Layout) -> HashMap<&str, &Placed> {
    layout.boxes.iter().filter_map(|b| Some((b.uuid()?, b))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nodes::Neighbour;
    use proptest::prelude::*;

    fn link(n: usize, title: &str) -> NodeLink {
        NodeLink {
            uuid: Some(format!("u{n}")),
            label: "Concept".to_owned(),
            genre: "index Latex".to_owned(),
            intitule: title.to_owned(),
            adresse: format!("/concept/u{n}"),
        }
    }

    fn tie(kind: &str, from: usize, to: usize) -> Tie {
        Tie {
            kind: kind.to_owned(),
            verbe: kind.to_lowercase(),
            verbe_inverse: kind.to_lowercase(),
            de: format!("u{from}"),
            vers: format!("u{to}"),
        }
    }

    proptest! {
        /// Whatever the neighbourhood, boxes stay inside the picture and none covers another.
        #[test]
        fn boxes_never_overlap(
            titles in prop::collection::vec("[a-zé ]{0,60}", 1..60),
            ties in prop::collection::vec((0_usize..4, 0_usize..60, 0_usize..60), 0..150),
        ) {
            let kinds = ["CONTIENT", "EVALUE", "REQUIERT", "AUTRE"];
            let n = titles.len();
            let around = Neighbourhood {
                noeuds: titles.iter().enumerate().map(|(at, title)| Neighbour {
                    noeud: link(at, title),
                    distance: if at == 0 { 0 } else { 1 + at % 2 },
                }).collect(),
                relations: ties.iter().map(|(k, a, b)| tie(kinds[*k], a % n, b % n)).collect(),
                tronque: false,
            };
            let layout = place(Lang::Fr, &around.noeuds[0].noeud, &around);
            for (at, a) in layout.boxes.iter().enumerate() {
                prop_assert!(a.x >= 0.0 && a.x + WIDTH <= layout.width);
                prop_assert!(a.y >= 0.0 && a.y + a.height <= layout.height + 0.01);
                for b in &layout.boxes[at + 1..] {
                    let apart = a.x + WIDTH <= b.x || b.x + WIDTH <= a.x
                        || a.y + a.height <= b.y || b.y + b.height <= a.y;
                    prop_assert!(apart, "{a:?} covers {b:?}");
                }
            }
        }
    }

    #[test]
    fn titles_take_two_lines_at_most() {
        assert_eq!(wrap("Anneaux"), ["Anneaux"]);
        let long = wrap("Une suite définie par une relation de récurrence à deux termes et plus");
        assert_eq!(long.len(), 2);
        assert!(long[1].ends_with('…'), "{long:?}");
        assert!(long.iter().all(|l| l.chars().count() <= SIGNS));
        assert_eq!(wrap(&"x".repeat(40))[0].chars().count(), SIGNS);
    }
}
