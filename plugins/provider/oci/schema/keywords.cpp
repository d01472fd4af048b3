// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/oci/schema/keywords.hpp"

#include "plugins/provider/oci/text.hpp"

#include <algorithm>
#include <optional>

namespace gatehouse::oci {

namespace {

constexpr std::size_t max_depth = 200;

/// Keywords that only name or describe parts of a schema.  They are not needed
/// after references are expanded.
bool is_bookkeeping(std::string_view key) {
    return is_one_of(key, {"$schema", "$id", "$anchor", "$dynamicAnchor", "$recursiveAnchor", "$vocabulary",
                           "$comment", "$defs", "definitions"});
}
bool is_annotation(std::string_view key) {
    return is_one_of(key, {"title", "description", "default", "examples", "example", "deprecated", "readOnly",
                           "writeOnly"});
}
bool is_reference(const Member& member) {
    return member.value.is_string() && is_one_of(member.key, {"$ref", "$dynamicRef", "$recursiveRef"});
}

/// An existing keyword must also hold.
void add(Keywords& into, const Keywords::Entry& entry) {
    const auto* mine = into.find(entry.key);
    if (!mine)
        into.entries.push_back(entry);
    else if (mine->value->raw != entry.value->raw)
        into.all_of.push_back({.entries = {entry}});
}

/// Whether `key` applies only to values of that type, so that it can be combined
/// with other types.
bool is_of_type(std::string_view key, std::string_view type) {
    if (type == "string")
        return is_one_of(
            key, {"minLength", "maxLength", "pattern", "format", "contentEncoding", "contentMediaType"});
    if (type == "integer" || type == "number")
        return is_one_of(key, {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"});
    if (type == "array")
        return is_one_of(key, {"items", "prefixItems", "additionalItems", "contains", "minItems", "maxItems",
                               "uniqueItems", "minContains", "maxContains", "unevaluatedItems"});
    if (type == "object")
        return is_one_of(key, {"properties", "patternProperties", "additionalProperties", "required",
                               "propertyNames", "minProperties", "maxProperties", "dependentRequired",
                               "dependentSchemas", "unevaluatedProperties"});
    return false;
}

Node empty_object() {
    Node node;
    node.kind = Node::Kind::object;
    node.raw = "{}";
    return node;
}

std::string recursive(const std::string& shown) {
    return "refers to itself by $ref to " + shown +
           ": OCI does not support recursive schemas; write out the required levels";
}

}  // namespace

std::string_view type_of(const Node& value) {
    switch (value.kind) {
        case Node::Kind::object: return "object";
        case Node::Kind::array: return "array";
        case Node::Kind::string: return "string";
        case Node::Kind::other: break;
    }
    if (value.raw == "null") return "null";
    if (value.raw == "true" || value.raw == "false") return "boolean";
    return value.raw.find_first_of(".eE") == std::string_view::npos ? "integer" : "number";
}

bool KeywordCollector::fail(std::string message) {
    if (failure_.empty()) failure_ = std::move(message);
    return false;
}

bool KeywordCollector::spend(const Frame* frame, std::size_t depth) {
    if (depth > max_depth) return fail("is nested too deeply when its references are resolved");
    if (frame && budget_.values-- == 0) {
        budget_.values = 0;
        return fail("grows too large when its references are resolved");
    }
    const std::size_t read = root_.raw.size();
    if (out_.size() > read && out_.size() - read > budget_.bytes)
        return fail("grows too large when its references are resolved");
    return true;
}

bool KeywordCollector::collect(const Node& node, const Frame* frame, std::size_t depth, Keywords& into) {
    if (!spend(frame, depth)) return false;
    if (node.members.size() > max_keywords) return fail("has a schema with too many keywords");
    if (node.raw == "false") {  // reached through a reference
        static const Node anything = empty_object();
        add(into, {"not", &anything, frame});
    }
    // Collects the schema's own keywords first.  They precede those of referenced
    // schemas.
    for (const Member& member : node.members) {
        const bool leads_on = is_one_of(member.key, {"allOf", "anyOf", "oneOf"}) || is_reference(member);
        if (is_bookkeeping(member.key) || &member.value != node.find(member.key))
            changed_ = true;  // the last of several equal names counts
        else if (!leads_on)
            add(into, {member.key, &member.value, frame});
    }
    for (std::string_view key : {"anyOf", "oneOf"})
        if (const Node* list = node.find(key); list && !collect_union(key, *list, frame, depth, into))
            return false;
    if (const Node* list = node.find("allOf"); list && !collect_all(*list, frame, depth, into)) return false;
    for (const Member& member : node.members)
        if (is_reference(member) && !collect_reference(member.value.text, frame, depth, into)) return false;
    return true;
}

bool KeywordCollector::collect_all(const Node& list, const Frame* frame, std::size_t depth, Keywords& into) {
    if (list.items.empty()) {
        add(into, {"allOf", &list, frame});
        return true;
    }
    if (list.items.size() == 1) return merge(list.items[0], frame, depth, into);
    for (const Node& item : list.items)
        if (!collect(item, frame, depth + 1, into.all_of.emplace_back())) return false;
    return true;
}

bool KeywordCollector::collect_reference(const std::string& reference, const Frame* frame, std::size_t depth,
                                         Keywords& into) {
    const std::string shown = in_quotes(std::string_view(reference).substr(0, 100));
    const Node* target = refs_.find(reference);
    if (!target) return fail("refers by $ref to " + shown + ", which it does not contain");
    if (!target->is_object() && target->raw != "true" && target->raw != "false")
        return fail("refers by $ref to " + shown + ", which is not a schema");
    for (const Frame* outer = frame; outer; outer = outer->outer)
        if (outer->target == target) return fail(recursive(shown));
    if (target == &root_) return fail(recursive(shown));
    frames_.push_back({target, frame});
    return merge(*target, &frames_.back(), depth, into);
}

/// Adds the keywords of `node` to `into`.  All of them must hold.
bool KeywordCollector::merge(const Node& node, const Frame* frame, std::size_t depth, Keywords& into) {
    changed_ = true;
    Keywords inner;
    if (!collect(node, frame, depth + 1, inner)) return false;
    auto same = [&](const Keywords::Entry& entry) {
        const auto* mine = into.find(entry.key);
        return !mine || is_annotation(entry.key) || mine->value->raw == entry.value->raw;
    };
    const bool apart = !std::all_of(inner.entries.begin(), inner.entries.end(), same) ||
                       (!inner.values.empty() && (!into.values.empty() || into.find("enum"))) ||
                       (!inner.types.empty() && (!into.types.empty() || into.find("type"))) ||
                       (!into.types.empty() && inner.find("type"));
    if (apart) {
        into.all_of.push_back(std::move(inner));
        return true;
    }
    for (const Keywords::Entry& entry : inner.entries)
        if (!into.find(entry.key)) into.entries.push_back(entry);
    for (Keywords& more : inner.all_of) into.all_of.push_back(std::move(more));
    if (!inner.values.empty()) {
        into.values = std::move(inner.values);
        into.values_type = inner.values_type;
    }
    if (!inner.types.empty()) into.types = std::move(inner.types);
    into.no_null = into.no_null || inner.no_null;
    return true;
}

/// Simplifies anyOf and oneOf, without null where OCI does not accept it.
bool KeywordCollector::collect_union(std::string_view key, const Node& list, const Frame* frame,
                                     std::size_t depth, Keywords& into) {
    std::vector<const Node*> members;
    for (const Node& item : list.items)
        if (!rules_.arguments || !is_null_schema(item, 0)) members.push_back(&item);
    const bool without_null = !members.empty() && members.size() < list.items.size();
    if (without_null) into.no_null = changed_ = true;
    if (members.size() == 1) return merge(*members[0], frame, depth, into);
    if (rules_.arguments && (collect_values(members, into) || collect_types(members, frame, into)))
        return true;
    add(into, {key, &list, frame});
    return true;
}

bool KeywordCollector::is_null_schema(const Node& node, int steps) {
    if (node.members.size() > 8) return false;
    if (const Node* type = node.find("type")) return type->is_string() && type->text == "null";
    if (const Node* value = node.find("const")) return value->raw == "null";
    if (const Node* list = node.find("enum")) return list->items.size() == 1 && list->items[0].raw == "null";
    const Node* reference = node.find("$ref");
    const Node* target = reference && steps < 8 ? refs_.find(reference->text) : nullptr;
    return target && is_null_schema(*target, steps + 1);
}

/// A union of single values becomes an enum.
bool KeywordCollector::collect_values(const std::vector<const Node*>& members, Keywords& into) {
    if (members.size() < 2 || into.find("enum") || !into.values.empty() || !into.types.empty()) return false;
    std::vector<std::string_view> values;
    std::optional<std::string_view> type;
    for (const Node* member : members) {
        const std::size_t before = values.size();
        std::string_view said;
        for (const Member& part : member->members) {
            if (part.key == "const") {
                values.push_back(part.value.raw);
                if (said.empty()) said = type_of(part.value);
            } else if (part.key == "enum" && part.value.is_array()) {
                for (const Node& value : part.value.items) {
                    values.push_back(value.raw);
                    if (said.empty()) said = type_of(value);
                }
            } else if (part.key == "type" && part.value.is_string()) {
                said = part.value.text;
            } else if (part.key != "title" && part.key != "description" && part.key != "$comment") {
                return false;
            }
        }
        if (values.size() == before || (type && *type != said)) return false;
        type = said;
    }
    const auto* mine = into.find("type");
    if (mine && mine->value->text != *type) return false;
    into.values = std::move(values);
    into.values_type = mine ? std::string_view() : *type;
    return changed_ = true;
}

/// Returns `node`, or the schema that it only refers to, with `frame` set to
/// match.  Returns null if `node` has other keywords.
const Node* KeywordCollector::plain_target(const Node& node, const Frame*& frame) {
    const Node* at = &node;
    for (int steps = 0; steps < 8; ++steps) {
        const Node* reference = at->members.size() == 1 ? at->find("$ref") : nullptr;
        if (!reference || !reference->is_string()) return at->is_object() ? at : nullptr;
        at = refs_.find(reference->text);
        for (const Frame* outer = frame; outer; outer = outer->outer)
            if (outer->target == at) return nullptr;
        if (!at || at == &root_) return nullptr;
        frames_.push_back({at, frame});
        frame = &frames_.back();
    }
    return nullptr;
}

/// A union of schemas of different types becomes one schema of several types.
bool KeywordCollector::collect_types(const std::vector<const Node*>& members, const Frame* frame,
                                     Keywords& into) {
    if (members.size() < 2 || members.size() > 7 || into.find("type")) return false;
    if (!into.types.empty() || !into.values.empty()) return false;
    std::vector<Keywords::Entry> entries;
    std::vector<const Node*> types;
    for (const Node* member : members) {
        const Frame* inside = frame;
        const Node* node = plain_target(*member, inside);
        const Node* type = node && node->members.size() <= max_keywords ? node->find("type") : nullptr;
        if (!type || !type->is_string() || !spend(inside, 0)) return false;
        for (const Node* other : types) {
            auto is_number = [](const Node* one) { return one->text == "integer" || one->text == "number"; };
            if (other->text == type->text || (is_number(other) && is_number(type))) return false;
        }
        types.push_back(type);
        for (const Member& part : node->members) {
            if (part.key == "type" || is_bookkeeping(part.key) || is_annotation(part.key)) continue;
            if (!is_of_type(part.key, type->text) || into.find(part.key)) return false;
            entries.push_back({part.key, &part.value, inside});
        }
    }
    for (const Node* type : types) into.types.push_back(type->raw);
    into.entries.insert(into.entries.end(), entries.begin(), entries.end());
    return changed_ = true;
}

}  // namespace gatehouse::oci
