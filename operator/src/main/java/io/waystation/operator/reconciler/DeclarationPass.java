package io.waystation.operator.reconciler;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.waystation.operator.broker.BrokerRefusedException;
import io.waystation.operator.broker.BrokerSilentException;
import io.waystation.operator.broker.Owner;
import io.waystation.operator.plan.BrokerView;
import io.waystation.operator.plan.DeclarationFacts;
import io.waystation.operator.plan.DeclarationPlan.Step;
import io.waystation.operator.plan.DeletionPlanner.Verdict;
import io.waystation.operator.plan.Figures;
import io.waystation.operator.plan.OnBroker;
import io.waystation.operator.plan.PlannedEvent;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/// The calls to brokers in one pass over a Topic or Channel. Confined to the pass.
final class DeclarationPass {
    private final KubernetesClient client;
    private final Class<? extends HasMetadata> type;
    private final Subject subject;
    private final Owner self;

    DeclarationPass(KubernetesClient client, Class<? extends HasMetadata> type, Subject subject, Owner self) {
        this.client = client;
        this.type = type;
        this.subject = subject;
        this.self = self;
    }

    private interface Call {
        OnBroker make() throws BrokerSilentException, BrokerRefusedException;
    }

    List<BrokerView> read(List<BrokerView> brokers) {
        var views = new ArrayList<BrokerView>();
        for (var view : brokers) {
            var address = view.address();
            views.add(address == null ? view : view.with(outcome(() -> subject.read(address))));
        }
        return views;
    }

    /// Owners other than this resource that still exist. A failed read is an exception, not an absence.
    Set<String> living(List<BrokerView> views) {
        var living = new HashSet<String>();
        var gone = new HashSet<String>();
        for (var view : views) {
            if (view.state() instanceof OnBroker.Present present && present.owner() != null) {
                var owner = present.owner();
                if (owner.uid().equals(self.uid()) || living.contains(owner.uid()) || gone.contains(owner.uid())) {
                    continue;
                }
                (Subject.lives(client, type, owner) ? living : gone).add(owner.uid());
            }
        }
        return living;
    }

    /// The facts after the steps. They end at the first broker that has another owner: that one came first. What
    /// brokers have taken is told.
    DeclarationFacts carryOut(List<Step> steps, DeclarationFacts facts, Consumer<PlannedEvent> told) {
        var views = new ArrayList<>(facts.brokers());
        var corrected = new HashSet<String>();
        for (var step : steps) {
            var state = switch (step) {
                case Step.Declare declare -> declare(declare, told, corrected);
                case Step.Release release -> outcome(() -> subject.release(release.address(), self.uid()));
            };
            views.replaceAll(view -> view.pod().equals(step.pod()) ? view.with(state) : view);
            if (state instanceof OnBroker.Present present
                    && present.owner() != null
                    && !present.owner().uid().equals(self.uid())) {
                break;
            }
        }
        return facts.with(views, living(views), corrected);
    }

    private OnBroker declare(Step.Declare step, Consumer<PlannedEvent> told, Set<String> corrected) {
        var state = outcome(() -> subject.declare(step.address(), self, step.expectedOwnerUid()));
        if (!(state instanceof OnBroker.Present present)
                || present.owner() == null
                || !present.owner().uid().equals(self.uid())) {
            return state;
        }
        var after = subject.wanted().afterDeclaring(present);
        if (step.event() != null && after instanceof OnBroker.Present) {
            told.accept(step.event());
            corrected.addAll(step.corrected());
        }
        return after;
    }

    /// The brokers after the deletion.
    List<BrokerView> carryOut(Verdict.Delete deletion, List<BrokerView> brokers) {
        var views = new ArrayList<>(brokers);
        for (var target : deletion.brokers()) {
            var address = target.address();
            if (address == null) {
                continue;
            }
            var state = outcome(() -> {
                subject.delete(address, self.uid(), deletion.ifEmpty());
                return new OnBroker.Absent();
            });
            views.replaceAll(view -> view.pod().equals(target.pod()) ? view.with(state) : view);
        }
        return views;
    }

    private static OnBroker outcome(Call call) {
        try {
            return call.make();
        } catch (BrokerSilentException silent) {
            return new OnBroker.Silent(String.valueOf(silent.getMessage()));
        } catch (BrokerRefusedException refused) {
            return switch (refused.code()) {
                case "CORDONED" -> new OnBroker.Cordoned();
                case "TOPIC_NOT_FOUND" -> new OnBroker.TopicAbsent();
                case "OWNED_BY_OTHER" -> new OnBroker.Present(refused.owner(), false, Map.of(), Figures.ZERO);
                case "NOT_EMPTY" -> new OnBroker.NotEmpty(refused.unfinished());
                default -> new OnBroker.Refused(String.valueOf(refused.getMessage()));
            };
        }
    }
}
