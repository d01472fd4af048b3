// SPDX-License-Identifier: Apache-2.0
#include "core/request/file_path.hpp"

#include "core/request/text_pieces.hpp"

#include <array>

namespace gatehouse::core {

namespace {

std::string_view extension_of(std::string_view name) {
    const std::size_t dot = name.rfind('.');
    return dot == name.npos || dot == 0 ? std::string_view() : name.substr(dot + 1);
}

bool is_file_name(std::string_view name) {
    static constexpr std::array<std::string_view, 31> extensions = {
        "json", "yaml", "yml", "toml", "ini",  "cfg",  "conf",   "env", "pem",   "key", "crt",
        "cert", "log",  "txt", "xml",  "jar",  "war",  "class",  "whl", "dll",   "exe", "bin",
        "pt",   "pth",  "db",  "sock", "gguf", "onnx", "socket", "dat", "sqlite"};
    const std::string_view extension = extension_of(name);
    return is_source(name) || contains(extensions, lower_case(extension)) ||
           lower_case(extension) == "safetensors";
}

/// Whether the extension belongs to nothing but a source: node.js is a product.
bool is_only_source(std::string_view name) {
    static constexpr std::array<std::string_view, 12> extensions = {
        "py", "pyx", "java", "kt", "scala", "rs", "go", "rb", "cc", "cpp", "cu", "cs"};
    return contains(extensions, lower_case(extension_of(name)));
}

/// Folders at the root of a machine or a container, but not paths of an API.
bool is_root_folder(std::string_view name) {
    static constexpr std::array<std::string_view, 34> folders = {
        "app",     "bin",  "boot",  "build", "code", "content",       "data",   "dev", "etc",
        "home",    "lib",  "lib64", "media", "mnt",  "model",         "models", "nix", "opt",
        "private", "proc", "root",  "run",   "sbin", "site-packages", "snap",   "srv", "src",
        "sys",     "tmp",  "users", "usr",   "var",  "workspace",     "volumes"};
    return contains(folders, lower_case(name));
}

}  // namespace

bool is_source(std::string_view name) {
    static constexpr std::array<std::string_view, 29> extensions = {
        "py",  "pyc", "pyx", "java", "kt",  "scala", "js",  "mjs",   "cjs", "ts",
        "tsx", "go",  "rs",  "rb",   "c",   "cc",    "cpp", "cxx",   "h",   "hpp",
        "cu",  "cs",  "php", "pl",   "lua", "sh",    "ex",  "swift", "so"};
    return contains(extensions, lower_case(extension_of(name)));
}

bool is_path(std::string_view token) {
    const std::string_view path = without_numbers(token);
    if (path.size() > 3 && is_letter(path[0]) && path[1] == ':' && path[2] == '\\') return true;
    if (path.starts_with("\\\\") || path.starts_with("~/")) return path.size() > 2;
    const auto parts = split(path, '/');
    const std::string_view last = parts.back();
    if (parts.size() == 1)
        return is_source(last) && (token != path || last.find('\\') != last.npos || is_only_source(last));
    if (path.front() != '/' && path.front() != '.') return is_source(last);
    if (is_file_name(last)) return true;
    return path.front() == '/' && parts.size() > 2 && is_root_folder(parts[1]);
}

}  // namespace gatehouse::core
