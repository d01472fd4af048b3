// SPDX-License-Identifier: Apache-2.0
// A hook that records the requests and responses of named clients: its keys, its entry point
// and its state for one request.  It changes nothing, and does not record other clients.
// The instance is read only except for its journal: any thread.
#include "plugins/common/files/journal.hpp"
#include "plugins/hook/audit/record.hpp"

#include <gatehouse/name_pattern.hpp>
#include <gatehouse/sdk.hpp>

namespace gatehouse::audit {

namespace {

struct Options {
    std::string file;
    std::vector<std::string> clients;
    std::int64_t max_text_bytes = 65'536;
};

const Fields<Options> fields = {
    required("file", &Options::file, "The file for the records, such as /var/log/gatehouse/audit.jsonl."),
    required("clients", &Options::clients,
             "Clients whose requests are recorded, by their names in the log, such as ci; a star at the end "
             "matches any text."),
    ranged("max_text_bytes", &Options::max_text_bytes, 256, 16'777'216,
           "Maximum recorded text of a request, and of its response, in bytes; longer texts are cut."),
};

class State final : public HookState {
public:
    State(std::shared_ptr<Journal> journal, Host& host, const RequestInfo& info, std::size_t max_bytes)
        : journal_(std::move(journal)),
          host_(host),
          record_(std::string(info.id), info.who.name, host.now(), max_bytes) {}

    Result<void> request(Operation& operation) override {
        record_.request(operation);
        return {};
    }
    void attempt(const AttemptInfo&) override { record_.forget_answer(); }
    void event(Event event, EventSink& next) override {
        record_.event(event);
        next.emit(std::move(event));
    }
    void done(const RequestOutcome& outcome) override {
        journal_->append(record_.line(outcome, host_.now()), host_);
    }

private:
    const std::shared_ptr<Journal> journal_;
    Host& host_;
    Record record_;
};

}  // namespace

class Audit final : public Hook {
public:
    Audit(Options options, Host& host)
        : host_(host),
          clients_(std::move(options.clients)),
          max_bytes_(static_cast<std::size_t>(options.max_text_bytes)),
          journal_(std::make_shared<Journal>(options.file, host)) {
        if (clients_.empty())
            throw KeyError("clients", "no clients; list at least one name; \"*\" is all of them");
        for (std::size_t i = 0; i < clients_.size(); ++i)
            if (!is_name_pattern(clients_[i]))
                throw KeyError("clients[" + std::to_string(i) + "]", std::string(name_pattern_rule));
        if (auto ok = journal_->check(); !ok)
            throw KeyError("file", "cannot write to " + options.file + ": " + ok.error().message);
    }

    std::unique_ptr<HookState> begin(const RequestInfo& info) override {
        if (!matches_any_pattern(clients_, info.who.name)) return std::make_unique<HookState>();
        return std::make_unique<State>(journal_, host_, info, max_bytes_);
    }

private:
    Host& host_;
    const std::vector<std::string> clients_;
    const std::size_t max_bytes_;
    const std::shared_ptr<Journal> journal_;
};

}  // namespace gatehouse::audit

GATEHOUSE_PLUGIN(gatehouse::audit::Audit, gatehouse::audit::Options, gatehouse::audit::fields, "audit",
                 "1.0.0");
