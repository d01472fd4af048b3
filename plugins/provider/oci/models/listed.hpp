// SPDX-License-Identifier: Apache-2.0
// The service's last list of models.  Messages use it to report that a model is
// missing or retired.  Any thread.
#pragma once

#include "plugins/provider/oci/models/discovery.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace gatehouse::oci {

class Listed {
public:
    struct Entry {
        std::string retired_on = {};  // "2026-01-22": end of on-demand use
        bool active = true;
        std::shared_ptr<const ModelFacts> facts =
            {};  // the model discovery; null: it does not have the model
    };
    using Entries = std::map<std::string, Entry, std::less<>>;

    /// The end of the model discovery that belongs to a list.
    enum class Discovery { succeeded, refused, failed };

    /// If the model discovery has not succeeded, its earlier facts hold.
    void set(Entries entries, Discovery discovery) {
        std::lock_guard lock(mutex_);
        if (discovery != Discovery::succeeded)
            for (const auto& [id, entry] : entries_)
                if (entry.facts) {
                    const auto [now, added] = entries.try_emplace(id, entry);
                    if (!now->second.facts) now->second.facts = entry.facts;
                }
        entries_ = std::move(entries);
        if (discovery != Discovery::failed) answer_ = Answer::list;
    }

    enum class Answer { none, list, refusal };
    /// The service has refused the list.  An earlier list stays.
    void refuse() {
        std::lock_guard lock(mutex_);
        if (answer_ == Answer::none) answer_ = Answer::refusal;
    }
    /// The service's answer so far: none, a list, which may be empty, or only refusals.  A list does not
    /// count if the model discovery has failed and may succeed later.
    Answer answer() const {
        std::lock_guard lock(mutex_);
        return answer_;
    }

    /// Returns no value if no list was received yet, and an empty inner value if
    /// the list lacks the model.
    std::optional<std::optional<Entry>> find(std::string_view model) const {
        std::lock_guard lock(mutex_);
        if (entries_.empty()) return std::nullopt;
        const auto found = entries_.find(model);
        if (found == entries_.end()) return std::optional<Entry>();
        return std::optional<Entry>(found->second);
    }

private:
    mutable std::mutex mutex_;
    Entries entries_;
    Answer answer_ = Answer::none;
};

}  // namespace gatehouse::oci
