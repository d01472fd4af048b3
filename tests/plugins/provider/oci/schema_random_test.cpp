// SPDX-License-Identifier: Apache-2.0
// Random schemas and random values: a rewritten schema accepts what the client's
// accepts, by a small validator that knows references and unions.
#include "plugins/provider/oci/schema/json_schema.hpp"

#include "tests/plugins/provider/oci/helpers.hpp"

#include <random>

using namespace gatehouse;
using namespace gatehouse::oci;
using namespace gatehouse::oci::test;

namespace {

class Generator {
public:
    explicit Generator(unsigned seed) : random_(seed) {}

    /// A schema of at most `depth` levels, which may refer to definitions before `definitions`.
    Json schema(int depth, int definitions) {
        Json out = Json::object();
        const int shape = pick(depth > 0 ? 12 : 5);
        switch (shape) {
            case 0: out["type"] = type(); break;
            case 1: out["const"] = value(1); break;
            case 2: out["enum"] = {value(0), value(0), nullptr}; break;
            case 3: out["type"] = {type(), "null"}; break;
            case 4: break;
            case 5: out["anyOf"] = {schema(depth - 1, definitions), {{"type", "null"}}}; break;
            case 6:
                out["anyOf"] = {schema(depth - 1, definitions), schema(depth - 1, definitions),
                                schema(0, definitions)};
                break;
            case 7: out["allOf"] = Json::array({schema(depth - 1, definitions)}); break;
            case 8: out["allOf"] = {schema(depth - 1, definitions), schema(depth - 1, definitions)}; break;
            case 9: out = {{"type", "array"}, {"items", schema(depth - 1, definitions)}}; break;
            case 10:
                out["type"] = "object";
                out["properties"] = {{"a", schema(depth - 1, definitions)}, {"b", schema(0, definitions)}};
                if (pick(2)) out["required"] = {"a"};
                if (pick(2)) out["additionalProperties"] = pick(2) ? Json(false) : schema(0, definitions);
                break;
            case 11:
                out = {{"type", "object"},
                       {"patternProperties", {{pick(2) ? ".*" : "^a", schema(depth - 1, definitions)}}}};
                if (pick(2)) out["additionalProperties"] = false;
                break;
        }
        if (definitions > 0 && !pick(3)) out["$ref"] = "#/$defs/D" + std::to_string(pick(definitions));
        if (!pick(6)) out["minLength"] = pick(3);
        if (!pick(6)) out["minimum"] = pick(3);
        if (!pick(6)) out["exclusiveMinimum"] = pick(3);
        if (!pick(8)) out["type"] = type();
        if (!pick(6)) out["description"] = "d" + std::to_string(pick(9));
        return out;
    }

    Json value(int depth) {
        switch (pick(depth > 0 ? 8 : 6)) {
            case 0: return pick(4);
            case 1: return 0.5 + pick(3);
            case 2: return std::string(static_cast<std::size_t>(pick(3)), 'x');
            case 3: return pick(2) == 1;
            case 4: return "a";
            case 5: return nullptr;
            case 6: return Json::array({value(depth - 1), value(depth - 1)});
            default: return {{"a", value(depth - 1)}, {"b", value(depth - 1)}};
        }
    }

private:
    int pick(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }
    const char* type() {
        constexpr const char* types[] = {"string", "integer", "number", "boolean", "array", "object"};
        return types[pick(6)];
    }
    std::mt19937 random_;
};

bool has_type(const Json& value, const std::string& type) {
    if (type == "null") return value.is_null();
    if (type == "boolean") return value.is_boolean();
    if (type == "string") return value.is_string();
    if (type == "array") return value.is_array();
    if (type == "object") return value.is_object();
    if (type == "number") return value.is_number();
    return value.is_number_integer();
}

bool accepts(const Json& root, const Json& schema, const Json& value) {
    if (schema.is_boolean()) return schema.get<bool>();
    auto all = [&](const Json& list, auto count) {
        return count(list.begin(), list.end(), [&](const Json& one) { return accepts(root, one, value); });
    };
    for (const auto& [key, what] : schema.items()) {
        bool good = true;
        if (key == "$ref")
            good = accepts(root, root.at(Json::json_pointer(what.get<std::string>().substr(1))), value);
        if (key == "type" && what.is_string()) good = has_type(value, what);
        if (key == "type" && what.is_array())
            good = std::any_of(what.begin(), what.end(),
                               [&](const Json& type) { return has_type(value, type); });
        if (key == "const") good = value == what;
        if (key == "enum") good = std::find(what.begin(), what.end(), value) != what.end();
        if (key == "anyOf") good = all(what, [](auto... a) { return std::any_of(a...); });
        if (key == "allOf") good = all(what, [](auto... a) { return std::all_of(a...); });
        if (key == "minLength" && value.is_string())
            good = value.get_ref<const std::string&>().size() >= what;
        if (key == "minimum" && value.is_number()) good = value >= what;
        if (key == "exclusiveMinimum" && value.is_number()) good = value > what;
        if (key == "items" && value.is_array())
            for (const Json& item : value) good = good && accepts(root, what, item);
        if (key == "required" && value.is_object())
            for (const Json& name : what) good = good && value.contains(name.get<std::string>());
        if (value.is_object())
            for (const auto& [name, inner] : value.items()) {
                const bool declared = schema.contains("properties") && schema["properties"].contains(name);
                bool matched = false;
                if (schema.contains("patternProperties"))
                    for (const auto& [pattern, of] : schema["patternProperties"].items()) {
                        matched = matched || pattern == ".*" || name == "a";
                        if (key == "patternProperties" && (pattern == ".*" || name == "a"))
                            good = good && accepts(root, of, inner);
                    }
                if (key == "properties" && what.contains(name))
                    good = good && accepts(root, what[name], inner);
                if (key == "additionalProperties" && !declared && !matched)
                    good = good && accepts(root, what, inner);
            }
        if (!good) return false;
    }
    return true;
}

bool has_null(const Json& value) {
    if (value.is_null()) return true;
    return value.is_structured() && std::any_of(value.begin(), value.end(), has_null);
}

Json rewritten(const Json& schema, const SchemaRules& rules) {
    SchemaBudget budget;
    const auto found = acceptable_schema(schema.dump(), rules, "p", budget);
    REQUIRE_MESSAGE(found, schema.dump());
    CHECK(found->find("$ref") == found->npos);
    CHECK(found->find("$defs") == found->npos);
    REQUIRE(Json::accept(*found));
    return Json::parse(*found);
}

}  // namespace

TEST_CASE("rewriting keeps every schema's meaning, except null in tools") {
    int accepted = 0, refused = 0, different = 0;
    for (unsigned seed = 0; seed < 1000; ++seed) {
        Generator generator(seed);
        Json schema = {{"type", "object"}, {"properties", Json::object()}, {"$defs", Json::object()}};
        for (int i = 0; i < 4; ++i) schema["$defs"]["D" + std::to_string(i)] = generator.schema(2, i);
        schema["properties"]["p"] = generator.schema(3, 4);
        const Json for_answers = rewritten(schema, {.arguments = false});
        const Json for_tools = rewritten(schema, {.arguments = true});
        for (int i = 0; i < 40; ++i) {
            const Json value = {{"p", generator.value(2)}};
            const bool wanted = accepts(schema, schema, value);
            (wanted ? accepted : refused) += 1;
            bool same = accepts(for_answers, for_answers, value) == wanted;
            if (!has_null(value)) same = same && accepts(for_tools, for_tools, value) == wanted;
            if (!same && ++different < 4)
                MESSAGE(schema.dump() << "\n"
                                      << for_answers.dump() << "\n"
                                      << for_tools.dump() << "\n"
                                      << value.dump());
        }
    }
    CHECK(different == 0);
    CHECK(accepted > 3'000);
    CHECK(refused > 10'000);
}

TEST_CASE("random changes of a schema's text do no harm") {
    std::mt19937 random(7);
    const std::string good =
        R"({"type":"object","properties":{"a":{"$ref":"#/$defs/A"},"b":{"anyOf":[{"const":1},{"type":["string","null"]}],"exclusiveMinimum":0}},"$defs":{"A":{"allOf":[{"$ref":"#/$defs/B"}]},"B":{"patternProperties":{".*":{"enum":[null,"x"]}}}},"required":["a"]})";
    int rewritten = 0;
    for (int i = 0; i < 6'000; ++i) {
        std::string text = good;
        for (unsigned changes = 1 + random() % 4; changes > 0; --changes) {
            const std::size_t at = random() % text.size();
            switch (random() % 4) {
                case 0: text[at] = static_cast<char>(random()); break;
                case 1: text.erase(at, 1 + random() % 8); break;
                case 2: text.insert(at, 1, "{}[]\",:\\\n0#$/AB"[random() % 15]); break;
                default: text.insert(at, text.substr(random() % text.size(), random() % 40));
            }
        }
        SchemaBudget budget;
        const auto found =
            acceptable_schema(text, {.arguments = true, .exclusive_bounds = false}, "p", budget);
        if (!found) {
            CHECK(found.error().message.size() < 1000);
            continue;
        }
        if (*found == text) continue;
        ++rewritten;
        if (!Json::accept(*found)) FAIL_CHECK(text << "\n" << *found);
    }
    CHECK(rewritten > 300);
}
