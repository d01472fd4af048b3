// SPDX-License-Identifier: Apache-2.0
// `gatehouse import`: writes a configuration from that of another gateway, and lists the settings that
// Gatehouse does not have.
#include "core/cli/data_folder.hpp"
#include "core/cli/import/litellm.hpp"
#include "core/cli/output.hpp"
#include "core/cli/replace_file.hpp"
#include "core/util/suggest.hpp"
#include "core/util/text_file.hpp"

#include <gatehouse/value.hpp>

#include <algorithm>
#include <fstream>
#include <iostream>

namespace gatehouse::core {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t largest_file = 16 << 20;

/// The advice for a path, from the table of the format.
std::string advice_for(const OrderedJson& table, const std::string& path) {
    const auto& advice = table.at("advice");
    const auto found = advice.find(path);
    return found == advice.end() ? std::string() : found->get<std::string>();
}

std::vector<std::string> report(const Imported& made, const OrderedJson& table) {
    std::vector<std::string> lines;
    for (const std::string& problem : made.problems) lines.push_back("not imported: " + problem);
    for (const auto& [path, count] : made.left_out) {
        const std::string advice = advice_for(table, path);
        lines.push_back("not supported: " + path +
                        (count > 1 ? " (" + std::to_string(count) + " times)" : "") +
                        (advice.empty() ? "" : ": " + advice));
    }
    for (const std::string& note : made.notes) lines.push_back("note: " + note);
    for (std::string& line : lines) line = without_controls(line);  // names of a foreign file
    return lines;
}

std::string commented(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += "# " + line + '\n';
    return text;
}

Result<OrderedJson> read_yaml(const fs::path& path) {
    auto text = read_text_file(path, largest_file);
    if (!text) return refused(path.string() + ": " + text.error().message);
    auto file = parse_yaml(*text);
    if (!file) return refused(path.string() + ": " + file.error().message);
    return file;
}

/// Adds the files of `include`, relative to the first file: lists grow, other members are replaced, as
/// _process_includes() of litellm/proxy/proxy_server.py does.
Result<OrderedJson> read_with_includes(const fs::path& path) {
    auto file = read_yaml(path);
    if (!file || !file->is_object() || !file->contains("include")) return file;
    const OrderedJson names = as_list(file->at("include"));
    file->erase("include");
    for (const OrderedJson& name : names) {
        auto included = read_yaml(path.parent_path() / text_of(name));
        if (!included) return included;
        for (const auto& [member, value] : object_in(*included).items()) {
            OrderedJson& all = (*file)[member];
            if (value.is_array() && all.is_array())
                all.insert(all.end(), value.begin(), value.end());
            else
                all = value;
        }
    }
    return file;
}

}  // namespace

int import_configuration(const ImportOptions& asked) {
    auto folder = example_folder("import");
    if (!folder) return fail(exit_status::failure, folder.error().message);
    const std::vector<std::string> formats = names_with_suffix(*folder, ".json");
    if (!std::ranges::count(formats, asked.format))
        return fail(exit_status::usage, "there is no format " + toml_quoted(asked.format) +
                                            suggestion(asked.format, formats) +
                                            " (there are: " + joined(formats) + ")");
    auto file = read_with_includes(asked.file);
    if (!file) return fail(exit_status::usage, file.error().message);
    if (!file->is_object() || !file->contains("model_list"))
        return fail(exit_status::usage, asked.file.string() + " is not a configuration of " + asked.format +
                                            ": it has no model_list (models of a database are not imported)");
    std::error_code ignored;
    if (fs::exists(asked.output, ignored))
        return fail(exit_status::usage, asked.output.string() + " exists; choose another file with -o FILE");
    std::ifstream table_file(*folder / (asked.format + ".json"));
    const OrderedJson table = OrderedJson::parse(table_file, nullptr, false);
    if (table.is_discarded())
        return fail(exit_status::failure, "the table " + asked.format + ".json of the program is damaged");
    const Imported made = import_litellm(*file, table);
    const std::vector<std::string> lines = report(made, table);
    if (!made.has_models) {
        for (const std::string& line : lines) std::cout << line << '\n';
        return fail(exit_status::usage,
                    asked.file.string() + ": no model can be imported, so no file was written");
    }
    const std::string head = "# The configuration of Gatehouse, written by `gatehouse import " +
                             asked.format + "`.\n# `gatehouse check -c FILE` reports all mistakes in it.\n";
    if (auto ok = write_private(asked.output, head + commented(lines) + '\n' + made.toml); !ok)
        return fail(exit_status::failure, ok.error().message);
    for (const std::string& line : lines) std::cout << line << '\n';
    std::cout << "wrote " << asked.output.string() << "\nnext:\n    gatehouse check -c "
              << asked.output.string() << '\n';
    return exit_status::ok;
}

}  // namespace gatehouse::core
