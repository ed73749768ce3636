//! A page as assistive technology reads it: the accessibility tree.

use std::fmt;

use serde_json::Value;

/// The nodes of a page, in the order of the tree.
pub struct Tree(Vec<Node>);

/// One node that assistive technology is told of.
pub struct Node {
    /// The role, e.g. `button`.
    pub role: String,
    /// The accessible name.
    pub name: String,
    /// The accessible description.
    pub description: String,
    /// The value, e.g. what is typed into a field.
    pub value: String,
    properties: Value,
}

impl Node {
    /// Is the state (`focused`, `disabled`, `busy`, …) set?
    #[must_use]
    pub fn is(&self, state: &str) -> bool {
        let value = self.property(state);
        *value == Value::Bool(true) || *value == 1 || *value == "true"
    }

    /// A property's value; null where there is none.
    #[must_use]
    pub fn property(&self, name: &str) -> &Value {
        let properties = self.properties.as_array().map(Vec::as_slice).unwrap_or_default();
        let found = properties.iter().find(|property| property["name"] == name);
        found.map_or(&Value::Null, |property| &property["value"]["value"])
    }
}

impl Tree {
    /// Reads the answer of `Accessibility.getFullAXTree`.
    #[must_use]
    pub fn read(answer: &Value) -> Self {
        let text = |node: &Value, field: &str| match &node[field]["value"] {
            Value::String(text) => text.clone(),
            Value::Null => String::new(),
            other => other.to_string(),
        };
        let nodes = answer["nodes"].as_array().map(Vec::as_slice).unwrap_or_default();
        let heard = nodes.iter().filter(|node| node["ignored"] != true);
        let nodes = heard.map(|node| Node {
            role: text(node, "role"),
            name: text(node, "name"),
            description: text(node, "description"),
            value: text(node, "value"),
            properties: node["properties"].clone(),
        });
        Self(nodes.collect())
    }

    /// The first node of that role and name.
    #[must_use]
    pub fn find(&self, role: &str, name: &str) -> Option<&Node> {
        self.all(role).find(|node| node.name == name)
    }

    /// The nodes of a role.
    pub fn all(&self, role: &str) -> impl Iterator<Item = &Node> {
        self.0.iter().filter(move |node| node.role == role)
    }

    /// The names of the nodes of a role.
    #[must_use]
    pub fn names(&self, role: &str) -> Vec<&str> {
        self.all(role).map(|node| node.name.as_str()).collect()
    }

    /// The node that has the focus.
    #[must_use]
    pub fn focused(&self) -> Option<&Node> {
        // The document itself counts as focused as well.
        self.0.iter().rfind(|node| node.is("focused"))
    }
}

/// Short, for the message of a test that fails.
impl fmt::Display for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for node in self.0.iter().filter(|node| !node.name.is_empty() && node.role != "InlineTextBox") {
            write!(f, "[{} {:?}] ", node.role, node.name)?;
        }
        Ok(())
    }
}
