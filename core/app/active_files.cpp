// SPDX-License-Identifier: Apache-2.0
#include "core/app/active_files.hpp"

#include "core/config/settings.hpp"
#include "core/util/text_file.hpp"

#include <gatehouse/sha256.hpp>

#include <string.h>

#include <algorithm>
#include <random>
#include <string_view>
#include <system_error>

namespace gatehouse::core {

namespace {

constexpr std::size_t max_bytes = 4 * 1024 * 1024;

/// With absolute paths, because this process and the command may have different working directories.
std::vector<FileReference> referenced_files(const ConfigFile& file) {
    std::vector<FileReference> all = file_references(file);
    if (auto settings = read_settings(file))
        for (const std::filesystem::path& path : files_of(*settings)) all.push_back({"", path});
    std::error_code failure;
    for (FileReference& one : all)
        if (auto whole = std::filesystem::absolute(one.file, failure); !failure)
            one.file = whole.lexically_normal();
    return all;
}

std::string digest_of(const std::filesystem::path& path, const std::string& salt) {
    // A pipe could be read only once, and the configuration needs it.
    std::error_code failure;
    if (!std::filesystem::is_regular_file(path, failure)) return {};
    auto content = read_text_file(path, max_bytes);
    if (!content) return {};
    const std::string digest = to_hex(Sha256().update(salt).update(*content).digest());
    ::explicit_bzero(content->data(), content->size());
    return digest;
}

}  // namespace

std::string FileDigests::random_salt() {
    std::random_device device;  // the kernel's
    std::string salt;
    for (int i = 0; i < 8; ++i) salt += std::to_string(device()) + ".";
    return salt;
}

FileDigests FileDigests::of(const ConfigFile& file, std::string salt) {
    FileDigests digests;
    digests.salt_ = std::move(salt);
    digests.references_ = referenced_files(file);
    for (const FileReference& one : digests.references_) {
        std::string& digest = digests.digests_[one.file.string()];
        if (digest.empty()) digest = digest_of(one.file, digests.salt_);
    }
    return digests;
}

std::vector<ChangedFile> FileDigests::changed(const FileDigests& now) const {
    std::vector<ChangedFile> all;
    for (const FileReference& one : now.references_) {
        const std::string file = one.file.string();
        const auto known = digests_.find(file);
        if (known != digests_.end() && now.digests_.at(file) != known->second) all.push_back({one.key, file});
    }
    return all;
}

void PublishedFiles::publish(const FileDigests& digests) {
    std::string text = digests.salt_ + '\0';
    for (const auto& [path, digest] : digests.digests_) text += path + '\0' + digest + '\0';
    file_.write(text);
}

std::optional<FileDigests> active_files(pid_t process) {
    const std::string content = AnonymousFile::read(process, "gatehouse-files");
    if (content.empty()) return std::nullopt;
    std::string_view rest = content;
    FileDigests digests;
    digests.salt_ = take_field(rest, '\0');
    while (!rest.empty()) {
        const std::string_view path = take_field(rest, '\0');
        digests.digests_[std::string(path)] = take_field(rest, '\0');
    }
    return digests;
}

std::vector<std::filesystem::path> watched_files(const ConfigFile& file, const Settings& settings) {
    std::vector<std::filesystem::path> all = files_of(settings);
    for (const FileReference& one : file_references(file))
        if (!std::ranges::count(all, one.file)) all.push_back(one.file);
    return all;
}

}  // namespace gatehouse::core
