// SPDX-License-Identifier: Apache-2.0
// Reads a well-formed expression into a small tree.  Writes the tree twice into the result:
// complete, and cut off at each position.
#include "plugins/hook/redact/prefix.hpp"

#include <gatehouse/json_writer.hpp>

#include <algorithm>
#include <cctype>
#include <optional>
#include <stdexcept>
#include <vector>

namespace gatehouse::redact {

namespace {

constexpr int no_maximum = -1;

struct Node {
    enum class Kind { atom, assertion, row, choice, repeat };
    Kind kind = Kind::row;
    std::string text = {};  // atom, assertion
    int minimum = 0, maximum = no_maximum;
    std::vector<Node> parts = {};  // exactly one for a repeat
};

std::string whole(const Node& node);

std::string repeated(const Node& part, int minimum, int maximum) {
    if (maximum == 0) return "(?:)";
    std::string text = "(?:" + whole(part) + "){" + std::to_string(minimum) + ",";
    if (maximum != no_maximum) text += std::to_string(maximum);
    return text + "}";
}

std::string joined(const std::vector<Node>& parts, const char* between, std::string (*write)(const Node&)) {
    std::string text;
    for (const Node& part : parts) text += (&part == &parts.front() ? "" : between) + write(part);
    return "(?:" + text + ")";
}

std::string whole(const Node& node) {
    switch (node.kind) {
        case Node::Kind::atom:
        case Node::Kind::assertion: return node.text;
        case Node::Kind::row: return joined(node.parts, "", whole);
        case Node::Kind::choice: return joined(node.parts, "|", whole);
        case Node::Kind::repeat: return repeated(node.parts[0], node.minimum, node.maximum);
    }
    return {};
}

std::string prefix(const Node& node) {
    switch (node.kind) {
        case Node::Kind::atom: return "(?:" + node.text + ")?";
        case Node::Kind::assertion: return "(?:)";
        case Node::Kind::row: {
            // Either the first part is cut off, or it is complete and a later part is cut off.
            std::string text = "(?:)";
            for (auto part = node.parts.rbegin(); part != node.parts.rend(); ++part)
                text = "(?:" + prefix(*part) + "|" + whole(*part) + text + ")";
            return text;
        }
        case Node::Kind::choice: return joined(node.parts, "|", prefix);
        case Node::Kind::repeat: {
            if (node.maximum == 0) return "(?:)";
            const int before = node.maximum == no_maximum ? no_maximum : node.maximum - 1;
            return repeated(node.parts[0], 0, before) + prefix(node.parts[0]);
        }
    }
    return {};
}

bool stands_for_itself(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return std::isalnum(byte) || byte <= ' ' || byte >= 0x80;
}

// One walk over the expression.  It writes the flags at each atom, so that the atom can be
// moved.  Flags apply to the rest of their group.
class Reader {
public:
    explicit Reader(std::string_view regex) : rest_(regex) {}

    Node read() {
        Node top = choice("");
        if (!rest_.empty()) throw std::invalid_argument("unmatched )");
        return top;
    }

private:
    Node choice(std::string flags) {
        Node all{.kind = Node::Kind::choice};
        do all.parts.push_back(row(flags));
        while (take("|"));
        return all;
    }

    Node row(std::string& flags) {
        Node all{.kind = Node::Kind::row};
        while (!rest_.empty() && rest_[0] != '|' && rest_[0] != ')')
            if (std::optional<Node> one = item(flags)) all.parts.push_back(repeats(*std::move(one)));
        return all;
    }

    std::optional<Node> item(std::string& flags) {
        if (take("(")) return group(flags);
        const char first = rest_[0];
        if (first == '^' || first == '$') return Node{Node::Kind::assertion, with(flags, cut(1))};
        if (first == '[') return Node{Node::Kind::atom, with(flags, cut(class_length()))};
        if (first != '\\') {
            if (first == '.') return Node{Node::Kind::atom, with(flags, cut(1))};
            return literal(flags);
        }
        const char kind = rest_.size() > 1 ? rest_[1] : '\0';
        if (kind == 'C')
            throw std::invalid_argument("\\C stands for half characters, which cannot be masked");
        if (kind == 'b' || kind == 'B' || kind == 'A' || kind == 'z')
            return Node{Node::Kind::assertion, with(flags, cut(2))};
        return Node{Node::Kind::atom, with(flags, cut(escape_length()))};
    }

    // Returns nothing for flags that apply to the rest of the group.
    std::optional<Node> group(std::string& flags) {
        std::string inner = flags;
        if (take("?")) {
            if (take("P<") || take("<")) {
                cut(rest_.find('>') + 1);
            } else if (!take(":")) {
                const std::size_t end = rest_.find_first_of(":)");
                inner = changed(flags, rest_.substr(0, end));
                const bool here = rest_[end] == ')';
                cut(end + 1);
                if (here) {
                    flags = inner;
                    return std::nullopt;
                }
            }
        }
        Node inside = choice(inner);
        take(")");
        return inside;
    }

    Node repeats(Node one) {
        Node all{.kind = Node::Kind::repeat, .parts = {}};
        if (take("*")) {
        } else if (take("+")) {
            all.minimum = 1;
        } else if (take("?")) {
            all.maximum = 1;
        } else if (!bounds(all)) {
            return one;
        }
        take("?");  // laziness has no effect, because the longest match is used
        all.parts.push_back(std::move(one));
        return all;
    }

    // {n}, {n,} or {n,m}; other text in braces stands for itself.
    bool bounds(Node& node) {
        if (rest_.empty() || rest_[0] != '{') return false;
        std::size_t at = 1;
        auto number = [&](int& out) {
            const std::size_t begin = at;
            for (out = 0; at < rest_.size() && std::isdigit(static_cast<unsigned char>(rest_[at])); ++at)
                out = std::min(out * 10 + (rest_[at] - '0'), 100'000);
            return at > begin;
        };
        if (!number(node.minimum) || at >= rest_.size()) return false;
        node.maximum = node.minimum;
        if (rest_[at] == ',') {
            ++at;
            if (!number(node.maximum)) node.maximum = no_maximum;
        }
        if (at >= rest_.size() || rest_[at] != '}') return false;
        cut(at + 1);
        return true;
    }

    Node literal(const std::string& flags) {
        const std::size_t length = std::max<std::size_t>(1, gatehouse::detail::utf8_length(rest_));
        const std::string text = cut(length);
        return {Node::Kind::atom, with(flags, stands_for_itself(text[0]) ? text : "\\" + text)};
    }

    std::size_t class_length() const {
        std::size_t at = 1;
        if (at < rest_.size() && rest_[at] == '^') ++at;
        const std::size_t first = at;
        for (; at < rest_.size() && (rest_[at] != ']' || at == first); ++at) {
            if (rest_[at] == '\\') ++at;
            if (rest_.substr(at).starts_with("[:")) {
                const std::size_t end = rest_.find(":]", at + 2);
                if (end != std::string_view::npos) at = end + 1;
            }
        }
        return at + 1;
    }

    std::size_t escape_length() const {
        const char kind = rest_.size() > 1 ? rest_[1] : '\0';
        if (kind == 'p' || kind == 'P' || kind == 'x') {
            if (rest_.size() > 2 && rest_[2] == '{') return rest_.find('}') + 1;
            return kind == 'x' ? 4 : 3;
        }
        std::size_t at = 2;
        if (kind >= '0' && kind <= '7')
            while (at < 4 && at < rest_.size() && rest_[at] >= '0' && rest_[at] <= '7') ++at;
        else if (static_cast<unsigned char>(kind) >= 0x80)
            at = 1 + std::max<std::size_t>(1, gatehouse::detail::utf8_length(rest_.substr(1)));
        return at;
    }

    static std::string changed(std::string flags, std::string_view by) {
        bool on = true;
        for (const char flag : by) {
            if (flag == '-') on = false;
            if (flag != 'i' && flag != 'm' && flag != 's')
                continue;  // U has no effect, because the longest match is used
            std::erase(flags, flag);
            if (on) flags += flag;
        }
        return flags;
    }

    static std::string with(const std::string& flags, const std::string& text) {
        return flags.empty() ? text : "(?" + flags + ":" + text + ")";
    }

    bool take(std::string_view what) {
        if (!rest_.starts_with(what)) return false;
        rest_.remove_prefix(what.size());
        return true;
    }
    std::string cut(std::size_t length) {
        std::string text(rest_.substr(0, length));
        rest_.remove_prefix(text.size());
        return text;
    }

    std::string_view rest_;
};

}  // namespace

std::string without_quotes(std::string_view regex) {
    std::string out;
    while (!regex.empty()) {
        if (!regex.starts_with("\\Q")) {
            const std::size_t length = regex[0] == '\\' ? 2 : 1;
            out += regex.substr(0, length);
            regex.remove_prefix(std::min(length, regex.size()));
            continue;
        }
        regex.remove_prefix(2);
        const std::size_t end = std::min(regex.find("\\E"), regex.size());
        for (const char c : regex.substr(0, end)) {
            if (!stands_for_itself(c)) out += '\\';
            out += c;
        }
        regex.remove_prefix(std::min(end + 2, regex.size()));
    }
    return out;
}

std::string prefixes_of(std::string_view regex) { return prefix(Reader(regex).read()); }

}  // namespace gatehouse::redact
