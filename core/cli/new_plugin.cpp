// SPDX-License-Identifier: Apache-2.0
// `gatehouse new-plugin`: copies the SDK's template of a kind under another name.  A template
// is a complete project.  Its name, my_plugin, is replaced in the files and their names.
#include "core/cli/output.hpp"
#include "core/config/instances.hpp"
#include "core/plugin/finder.hpp"
#include "core/util/ascii.hpp"
#include "core/util/suggest.hpp"
#include "core/util/text_file.hpp"

#include <gatehouse/value.hpp>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <system_error>

namespace gatehouse::core {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view template_name = "my_plugin";
constexpr std::size_t max_template_bytes = 1024 * 1024;

bool is_identifier(std::string_view name) {
    return is_plain_name(name) && name.find('-') == std::string_view::npos && !is_digit(name[0]);
}

/// Returns the reason why a plugin cannot have this name, or nothing.
std::string wrong_with_name(const std::string& name) {
    if (!is_identifier(name)) {
        std::string nearest = name;
        std::ranges::replace_if(
            nearest, [](char c) { return c == '-' || c == '.' || c == ' '; }, '_');
        return "a plugin's name is made of letters, digits and \"_\" and does not begin with a digit, not " +
               toml_quoted(name) +
               (is_identifier(nearest) ? "; did you mean " + toml_quoted(nearest) + "?" : "");
    }
    // Meson reserves these names of targets.
    for (const char* taken : {"all", "benchmark", "clean", "coverage", "dist", "distcheck", "install",
                              "phony", "PHONY", "reconfigure", "test", "uninstall"})
        if (name == taken)
            return toml_quoted(name) + " is a reserved name of the build system; choose another name";
    return {};
}

/// Returns the folder of the templates: next to the installed binary, or in the build tree,
/// whose binary is core/gatehouse.
Result<fs::path> find_template(const std::string& kind) {
    const fs::path program = program_folder();
    std::vector<fs::path> places = {(program / RELATIVE_TEMPLATE_DIR).lexically_normal()};
    if (program.filename() == "core") places.push_back(program.parent_path() / "sdk" / "template");
    std::error_code ignored;
    for (const fs::path& place : places)
        if (fs::is_directory(place / kind, ignored)) return place / kind;
    return refused("the SDK's templates are missing: there is no " + (places.front() / kind).string());
}

std::string renamed(std::string text, const std::string& name) {
    for (std::size_t at = 0; (at = text.find(template_name, at)) != std::string::npos; at += name.size())
        text.replace(at, template_name.size(), name);
    return text;
}

Result<void> check_target(const fs::path& folder) {
    std::error_code failure;
    const auto status = fs::status(folder, failure);
    if (status.type() == fs::file_type::not_found) return {};
    if (status.type() != fs::file_type::directory)
        return refused(folder.string() + " already exists and is not a folder");
    if (!fs::is_empty(folder, failure) && !failure)
        return refused(folder.string() + " already exists and is not empty; give another --folder");
    if (failure) return refused("cannot look into " + folder.string() + ": " + failure.message());
    return {};
}

Result<void> write(const fs::path& path, const std::string& content) {
    fs::create_directories(path.parent_path());
    std::ofstream file(path, std::ios::binary);
    file << content;
    file.close();
    if (!file) return refused("cannot write " + path.string());
    return {};
}

Result<void> copy(const fs::path& from, const fs::path& to, const std::string& name) {
    for (const auto& entry : fs::recursive_directory_iterator(from)) {
        if (!entry.is_regular_file()) continue;
        auto content = read_text_file(entry.path(), max_template_bytes);
        if (!content) return refused("cannot read " + entry.path().string() + ": " + content.error().message);
        const fs::path target = to / renamed(entry.path().lexically_relative(from).string(), name);
        if (auto ok = write(target, renamed(*std::move(content), name)); !ok) return ok;
    }
    return {};
}

/// Quotes `text` as one word of a shell.
std::string shell_quoted(const std::string& text) {
    auto is_plain = [](char c) {
        return is_letter(c) || is_digit(c) || std::string_view("_-./+:@%").find(c) != std::string_view::npos;
    };
    if (!text.empty() && text[0] != '-' && std::ranges::all_of(text, is_plain)) return text;
    std::string out = "'";
    for (char c : text) out += c == '\'' ? "'\\''" : std::string(1, c);
    return out + "'";
}

/// Returns the folder that pkg-config must search in addition to its defaults, or "".
std::string package_folder() {
    const fs::path folder = (program_folder() / RELATIVE_PKGCONFIG_DIR).lexically_normal();
    std::error_code ignored;
    const bool usual =
        folder.string().starts_with("/usr/lib") || folder.string().starts_with("/usr/local/lib");
    return usual || !fs::exists(folder / "gatehouse-sdk.pc", ignored) ? "" : folder.string();
}

void print_steps(const std::string& kind, const fs::path& folder) {
    std::cout << "wrote " << folder.string() << ", a project for " << (kind == "authenticator" ? "an " : "a ")
              << kind << "; see its README.md.  Next:\n\n";
    if (const std::string packages = package_folder(); !packages.empty())
        std::cout << "    export PKG_CONFIG_PATH=" << shell_quoted(packages) << '\n';
    std::cout << "    cd " << shell_quoted(folder.string()) << " && meson setup build\n"
              << "    meson test -C build\n"
              << "    gatehouse check -c gatehouse.toml\n";
}

}  // namespace

int new_plugin(const std::string& kind, const std::string& name, const fs::path& given_folder) {
    const std::vector<std::string>& kinds = instance_kinds();
    if (!std::ranges::count(kinds, kind))
        return fail(exit_status::usage, "there is no kind " + toml_quoted(kind) + suggestion(kind, kinds) +
                                            " (there are: " + joined(kinds) + ")");
    if (const std::string wrong = wrong_with_name(name); !wrong.empty())
        return fail(exit_status::usage, wrong);
    const fs::path folder = given_folder.empty() ? fs::path(name) : given_folder;
    if (auto ok = check_target(folder); !ok) return fail(exit_status::usage, ok.error().message);

    auto from = find_template(kind);
    if (!from) return fail(exit_status::failure, from.error().message);
    try {
        if (auto ok = copy(*from, folder, name); !ok) return fail(exit_status::failure, ok.error().message);
    } catch (const fs::filesystem_error& failure) {
        return fail(exit_status::failure,
                    "cannot write " + folder.string() + ": " + failure.code().message());
    }
    print_steps(kind, folder);
    return exit_status::ok;
}

}  // namespace gatehouse::core
